using System.Buffers.Binary;
using System.Net;
using OrleansCdn.Cli.Lab;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Cli.Tests.LabInternet;

/// <summary>Announcers that say what none of ours says.</summary>
public sealed class InternetBookTests
{
    private static readonly CdnConfig Config = RoutingCheck.Read(ExampleNetwork.Read()).Config!;

    private readonly InternetBook _book = new(Config, NeighborPlan.Of(Config), GraphReader.Lab, TimeProvider.System);

    public InternetBookTests() => _book.Change(0, BgpState.OpenConfirm, BgpState.Established);

    [Fact]
    public void Nothing_new_is_no_change()
    {
        Assert.True(_book.Settle());
        Assert.False(_book.Settle());
        Announce([64500], "192.0.2.0/24");
        Assert.True(_book.Settle());
        Announce([64500], "192.0.2.0/24");
        Assert.False(_book.Settle());
        Assert.Equal(2, _book.Look().Changes.Length);
        Assert.All(_book.Look().Prefixes[0].Vantages, v => Assert.Equal("waw", v.Pop));
    }

    [Theory]
    [InlineData(new uint[] { 174, 64500 })]
    [InlineData(new uint[0])]
    public void A_path_that_begins_with_somebody_else_counts_as_withdrawn(uint[] path)
    {
        Announce([64500], "192.0.2.0/24");
        Announce(path, "192.0.2.0/24");
        _book.Settle();
        Assert.Empty(_book.Look().Neighbors[0].Routes);
    }

    [Fact]
    public void Routes_of_others_behind_the_operator_are_taken_but_not_by_themselves()
    {
        Announce([64500, 1299], "192.0.2.0/24");
        _book.Settle();
        InternetReply reply = _book.Look();

        // Arelion takes it for a loop, and so do those who have it from there alone.
        Assert.Null(reply.Prefixes[0].Vantages.Single(v => v.Name == "Norrsken Bredband").Pop);
        Assert.Equal("waw", reply.Prefixes[0].Vantages.Single(v => v.Name == "Vistula Net").Pop);
    }

    [Fact]
    public void An_UPDATE_that_cannot_be_read_takes_all_routes_away()
    {
        Announce([64500], "192.0.2.0/24");
        _book.Update(0, [0xff, 0xff], isFourOctet: true);
        _book.Settle();
        Assert.Empty(_book.Look().Neighbors[0].Routes);
        Assert.Contains("cannot be read", _book.Look().Changes[^1].What[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Prefixes_words_and_changes_are_bounded()
    {
        for (int i = 0; i < 3_000; i++)
        {
            Announce([64500], $"10.{i >> 8}.{i & 255}.0/24");
        }

        _book.Settle();
        InternetReply reply = _book.Look();
        Assert.Equal(2 * ConfigLimits.Prefixes, reply.Neighbors[0].Routes.Length);
        Assert.Equal(500, reply.Changes[^1].What.Length);
        for (int i = 0; i < 1_200; i++)
        {
            _book.Change(1, BgpState.OpenConfirm, BgpState.Established);
            _book.Change(0, BgpState.Established, BgpState.Idle);
            _book.Settle();
        }

        Assert.Equal(1_000, _book.Look().Changes.Length);
    }

    /// <summary>RFC 4271 §4.3: ORIGIN, AS_PATH of one AS_SEQUENCE, NEXT_HOP, one prefix.</summary>
    private void Announce(uint[] path, string prefix)
    {
        var network = IPNetwork.Parse(prefix);
        byte[] sequence = path.Length == 0 ? [] : [2, (byte)path.Length, .. path.SelectMany(Octets)];
        byte[] attributes = [0x40, 1, 1, 0, 0x40, 2, (byte)sequence.Length, .. sequence, 0x40, 3, 4, 127, 0, 0, 1];
        _book.Update(
            0, [0, 0, 0, (byte)attributes.Length, .. attributes, (byte)network.PrefixLength, .. network.BaseAddress.GetAddressBytes()[..((network.PrefixLength + 7) / 8)]], isFourOctet: true);
    }

    private static byte[] Octets(uint asn)
    {
        byte[] octets = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(octets, asn);
        return octets;
    }
}
