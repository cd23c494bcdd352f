using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Failover;
using OrleansCdn.Node.Disk;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Failover;

/// <summary>Promises on disk: there again after a restart, or clearly not.</summary>
public sealed class FailoverStoreTests : IDisposable
{
    private static readonly FailoverDurable Durable = new()
    {
        Version = 12, Given = [new GivenPledge("lax1", 5), new GivenPledge("grr1", 6)], MayHavePromised = false, Penalty = 1500.5, IsHeld = true, IsOut = true,
        Orders = new FailoverOrders(7, IsDraining: true, FailoverPin.Withdrawn),
    };

    private readonly TemporaryDirectory _data = new();
    private readonly StateDirectory _directory;

    public FailoverStoreTests() => _directory = StateDirectory.Open(_data.Path, DesiredStore.DirectoryName, NullLogger.Instance);

    private FailoverStore Store => new(_directory, "waw", "waw1");

    private string File => _directory.FileOf(FailoverStore.FileName);

    public void Dispose()
    {
        _directory.Dispose();
        _data.Dispose();
    }

    [Fact]
    public void What_was_saved_is_there_again()
    {
        Assert.Null(Store.Load());
        Store.Save(Durable with { Version = 11, Given = [] });
        Store.Save(Durable);
        FailoverDurable loaded = Store.Load()!;
        Assert.Equal(Durable.Given.AsEnumerable(), loaded.Given);
        Assert.Equal(Durable, loaded with { Given = Durable.Given });
    }

    [Fact]
    public void A_file_that_was_cut_or_changed_anywhere_or_is_anothers_is_set_aside()
    {
        Store.Save(Durable);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int i = 0; i < whole.Length; i += 5)
        {
            System.IO.File.WriteAllBytes(File, whole[..i]);
            Assert.Null(Store.Load());
            byte[] bent = [.. whole];
            bent[i] ^= 1;
            System.IO.File.WriteAllBytes(File, bent);
            Assert.Null(Store.Load());
            Assert.False(System.IO.File.Exists(File));
            Assert.True(System.IO.File.Exists(File + ".unusable"));
        }

        System.IO.File.WriteAllBytes(File, whole);
        Assert.Null(new FailoverStore(_directory, "waw", "waw2").Load());
    }

    [Fact]
    public void A_saved_state_can_be_driven_or_says_why_not()
    {
        FailoverStore store = Store;
        int usable = 0;
        FuzzInput.Run("failover", (text, _) =>
        {
            (FailoverDurable? durable, string? fault) = store.ParsePayload(FuzzInput.Octets(text));
            Assert.Equal(durable is null, fault is not null);
            (FailoverDurable? framed, string? frameFault) = store.Parse(FuzzInput.Octets(text));
            Assert.Equal(framed is null, frameFault is not null);
            if (durable is not null)
            {
                usable++;
                Drive(durable);
            }
        });
        Assert.True(usable > 0, "nothing was usable: the corpus shows nothing");
    }

    /// <summary>A minute of a process that began with it, and what it would leave to the next one.</summary>
    private void Drive(FailoverDurable durable)
    {
        var machine = new FailoverMachine(new KnownServer("waw1", "waw"), 1, durable, 1, TimeSpan.Zero);
        List<FailoverAction> actions = [];
        machine.Step(new Configured([new("waw1", "waw"), new("lax1", "lax")], FailoverPolicy.Default), TimeSpan.Zero, actions);
        for (int i = 1; i <= 60; i++)
        {
            machine.Step(new Probed(i % 20 == 0 ? new CheckFailure("http", "none") : null), TimeSpan.FromSeconds(i), actions);
        }

        foreach (Keep keep in actions.OfType<Keep>())
        {
            Store.Save(keep.Durable);
            Assert.Equal(keep.Durable.Version, Store.Load()!.Version);
        }
    }

    [Fact]
    public void A_checksum_makes_no_sense_of_nonsense()
    {
        foreach (string payload in (string[])["", "null", "[]", "{}", """{"pop":"waw","edge":"waw1","durable":null}"""])
        {
            System.IO.File.WriteAllBytes(File, RecordFrame.Write(RecordFrame.FailoverKind, 0, Encoding.UTF8.GetBytes(payload)));
            Assert.Null(Store.Load());
            Assert.False(System.IO.File.Exists(File));
        }
    }
}
