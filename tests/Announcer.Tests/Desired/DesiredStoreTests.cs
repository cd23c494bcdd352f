using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Disk;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Desired;

/// <summary>The last state on disk: there again after a restart, or clearly not.</summary>
public sealed class DesiredStoreTests : IDisposable
{
    private static readonly DesiredAnnouncements Desired =
        Sample.Desired(Sample.Upstream("u", IPEndPoint.Parse("198.51.100.1:179"), 3, Sample.Route(Sample.Ipv4Prefix, 2, "64600:2914", "64500:1:2")));

    private readonly TemporaryDirectory _directory = new();

    private string File => Path.Combine(_directory.Path, "announcer", DesiredStore.FileName);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_saved_is_there_again()
    {
        Assert.Null(Use(s => s.Load()));
        Use<object?>(s =>
        {
            s.Save(Desired with { ConfigVersion = 1 });
            s.Save(Desired);
            return null;
        });
        DesiredAnnouncements loaded = Use(s => s.Load())!;
        Assert.Equal(DesiredVerdict.Same, DesiredOrder.Compare(Desired, loaded));
        Assert.Equal(Desired.Upstreams[0].Routes[0], loaded.Upstreams[0].Routes[0]);
    }

    [Fact]
    public void A_file_that_was_cut_or_changed_anywhere_is_set_aside()
    {
        Use<object?>(s =>
        {
            s.Save(Desired);
            return null;
        });
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int i = 0; i < whole.Length; i += 7)
        {
            System.IO.File.WriteAllBytes(File, whole[..i]);
            Assert.Null(Use(s => s.Load()));
            byte[] bent = [.. whole];
            bent[i] ^= 1;
            System.IO.File.WriteAllBytes(File, bent);
            Assert.Null(Use(s => s.Load()));
            Assert.False(System.IO.File.Exists(File));
            Assert.True(System.IO.File.Exists(File + ".unusable"));
        }
    }

    [Fact]
    public void Another_servers_file_is_not_ones_own()
    {
        Use<object?>(s =>
        {
            s.Save(Desired);
            return null;
        });
        using StateDirectory directory = StateDirectory.Open(_directory.Path, DesiredStore.DirectoryName, NullLogger.Instance);
        Assert.Null(new DesiredStore(directory, "waw", "waw2").Load());
    }

    [Fact]
    public void A_checksum_makes_no_sense_of_nonsense()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        foreach (string payload in (string[])["", "null", "[]", "{}", """{"pop":"waw","edge":"waw1","desired":null}""", """{"pop":"waw","edge":"waw1","desired":{"epoch":"e","configVersion":1,"asn":0,"allowedPrefixes":[],"upstreams":[null]}}"""])
        {
            System.IO.File.WriteAllBytes(File, RecordFrame.Write(RecordFrame.DesiredKind, 0, Encoding.UTF8.GetBytes(payload)));
            Assert.Null(Use(s => s.Load()));
            Assert.False(System.IO.File.Exists(File));
        }
    }

    [Fact]
    public void A_disk_that_refuses_is_a_problem_until_it_does_not()
    {
        var time = new FakeTimeProvider();
        AnnouncerState state = new();
        using StateDirectory directory = StateDirectory.Open(_directory.Path, DesiredStore.DirectoryName, NullLogger.Instance);
        DesiredStore store = new(directory, "waw", "waw1");
        DesiredJournal journal = new(store, null, state, time, NullLogger.Instance);
        Directory.CreateDirectory(File + ".new"); // Where the temporary file would be.
        _ = state.Offer(Desired);
        journal.CatchUp();
        Assert.Contains("cannot be saved", Assert.Single(state.Problems), StringComparison.Ordinal);
        Directory.Delete(File + ".new");
        journal.CatchUp(); // Not at once again.
        Assert.Single(state.Problems);
        time.Advance(TimeSpan.FromSeconds(10));
        journal.CatchUp();
        Assert.Empty(state.Problems);
        Assert.NotNull(store.Load());
    }

    private T Use<T>(Func<DesiredStore, T> use)
    {
        using StateDirectory directory = StateDirectory.Open(_directory.Path, DesiredStore.DirectoryName, NullLogger.Instance);
        DesiredStore store = new(directory, "waw", "waw1");
        return use(store);
    }
}
