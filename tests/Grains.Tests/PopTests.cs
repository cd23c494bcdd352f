using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Pop;

namespace OrleansCdn.Grains.Tests;

public sealed class PopTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PopMembers _members = new("waw", Start);

    public PopTests() => _members.Configure(Pop("waw1", "waw2"));

    [Fact]
    public void A_newer_connection_ends_the_older_and_its_late_words_do_not_count()
    {
        Assert.Null(_members.Connect(Hello("waw1", "i1"), "c1", Start));
        Assert.Equal("i1", _members.Connect(Hello("waw1", "i2"), "c2", Start));
        Assert.Equal(FeedVerdict.Superseded, _members.Check("waw1", "c1", Start));
        Assert.Equal(FeedVerdict.Messages, _members.Check("waw1", "c2", Start));
        Assert.False(_members.Report(Report("waw1", "c1", 9), Start));
        Assert.False(_members.Disconnect("waw1", "c1", EdgeDeparture.Lost));
        Assert.Equal(1, _members.ConnectedCount);
    }

    [Fact]
    public void A_connection_that_this_grain_never_saw_is_unknown_and_an_edge_out_of_the_config_is_removed()
    {
        Assert.Equal(FeedVerdict.Unknown, _members.Check("waw1", "c1", Start));
        _members.Connect(Hello("waw1", "i1"), "c1", Start);
        _members.Configure(Pop("waw2"));
        Assert.Equal(FeedVerdict.Removed, _members.Check("waw1", "c1", Start));
        Assert.Empty(_members.Peers().Edges);
    }

    [Fact]
    public void A_connection_that_nobody_speaks_for_is_dropped()
    {
        _members.Connect(Hello("waw1", "i1"), "c1", Start);
        Assert.Empty(_members.DropSilent(Start + TimeSpan.FromSeconds(20)));
        Assert.Equal(["waw1"], _members.DropSilent(Start + TimeSpan.FromSeconds(36)).AsEnumerable());
        Assert.Equal(0, _members.ConnectedCount);
    }

    [Fact]
    public void Acknowledgements_are_timed_from_the_append_and_the_PoP_is_done_with_its_last_edge()
    {
        _members.Connect(Hello("waw1", "i1"), "c1", Start);
        _members.Connect(Hello("waw2", "i1"), "c2", Start);
        var cursor = new PurgeCursor("e", 5);
        Assert.True(_members.Awaits(cursor, Start));
        _members.Report(Report("waw1", "c1", 6), Start + TimeSpan.FromMilliseconds(30));
        Assert.Equal(PurgeState.Accepted, _members.PurgeState(cursor, Start).State);
        _members.Report(Report("waw2", "c2", 5), Start + TimeSpan.FromMilliseconds(40));
        PurgePopState state = _members.PurgeState(cursor, Start);
        Assert.Equal(PurgeState.Done, state.State);
        Assert.Equal([30.0, 40.0], state.Edges.Select(e => e.Milliseconds!.Value));
        Assert.False(_members.Awaits(cursor, Start));
    }

    [Fact]
    public void An_edge_that_is_not_connected_makes_the_state_partial_and_is_awaited_only_after_a_start()
    {
        _members.Connect(Hello("waw1", "i1"), "c1", Start);
        var cursor = new PurgeCursor("e", 5);
        _members.Report(Report("waw1", "c1", 5), Start);
        Assert.Equal(PurgeState.Partial, _members.PurgeState(cursor, Start).State);
        Assert.True(_members.Awaits(cursor, Start + TimeSpan.FromSeconds(1)));
        Assert.False(_members.Awaits(cursor, Start + FeedProtocol.SilenceLimit));
    }

    [Fact]
    public void A_place_in_another_log_is_never_an_acknowledgement()
    {
        _members.Connect(Hello("waw1", "i1") with { Cursor = new PurgeCursor("other", 100) }, "c1", Start);
        Assert.False(_members.PurgeState(new PurgeCursor("e", 5), Start).Edges[0].Acknowledged);
    }

    [Fact]
    public void The_feed_gives_what_is_missing_and_then_nothing()
    {
        var mirror = new FeedMirror();
        Assert.True(mirror.Offer(Snapshot(3)));
        Assert.False(mirror.Offer(Snapshot(2)));
        mirror.Purges.Restart(new PurgeCursor("e", 10));
        Assert.True(mirror.Purges.TryAppend(new PurgeCursor("e", 10), Batch(11, 12)));
        mirror.Offer(new DirectoryView("d:1", []));

        MissingNews missing = mirror.Missing(Position(0, new PurgeCursor("e", 10)));
        Assert.Equal([typeof(ConfigSnapshot), typeof(PurgeBatch), typeof(PeerDirectory)], missing.Messages.Select(m => m.GetType()));
        Assert.Equal([11L, 12L], Assert.IsType<PurgeBatch>(missing.Messages[1]).Entries.Select(e => e.Sequence));
        Assert.Empty(mirror.Missing(missing.Next).Messages);
        Assert.True(mirror.Missing(Position(3, new PurgeCursor("e", 9))).ReadLog);
        Assert.True(mirror.Missing(Position(3, PurgeCursor.None)).ReadLog);
        Assert.False(mirror.Missing(Position(3, new PurgeCursor("e", 11))).ReadLog);
    }

    [Fact]
    public void The_config_of_another_epoch_is_sent_whatever_the_versions_are()
    {
        var mirror = new FeedMirror();
        mirror.Offer(Snapshot(3));
        Assert.Empty(mirror.Missing(Position(3, PurgeCursor.None)).Messages);
        Assert.Empty(mirror.Missing(Position(9, PurgeCursor.None)).Messages);
        Assert.IsType<ConfigSnapshot>(Assert.Single(mirror.Missing(Position(9, PurgeCursor.None) with { ConfigEpoch = "another" }).Messages));
    }

    [Fact]
    public void The_tail_is_bounded_drops_repeats_and_refuses_what_does_not_connect()
    {
        var tail = new PurgeTail();
        tail.Restart(new PurgeCursor("e", 0));
        for (long i = 1; i <= 3 * PurgeTail.MaxEntries; i++)
        {
            Assert.True(tail.TryAppend(new PurgeCursor("e", i - 1), Batch(i, i)));
        }

        Assert.Equal(PurgeTail.MaxEntries, tail.Count);
        Assert.True(tail.TryAppend(new PurgeCursor("e", 5), Batch(6, 6)));
        Assert.Equal(3 * PurgeTail.MaxEntries, tail.End.Sequence);
        Assert.False(tail.TryAppend(new PurgeCursor("e", tail.End.Sequence + 1), Batch(tail.End.Sequence + 2, tail.End.Sequence + 2)));
        Assert.False(tail.TryAppend(new PurgeCursor("f", 1), Batch(2, 2)));
        Assert.Null(tail.After(new PurgeCursor("e", tail.End.Sequence - PurgeTail.MaxEntries - 1)));
        Assert.Equal(FeedProtocol.MaxPurgesPerMessage, tail.After(new PurgeCursor("e", tail.End.Sequence - PurgeTail.MaxEntries))!.Entries.Length);
        Assert.Null(tail.After(tail.End));
    }

    private static PurgeBatch Batch(long from, long to) => new()
    {
        Through = new PurgeCursor("e", to),
        Entries =
        [
            .. Enumerable.Range(0, (int)(to - from) + 1).Select(i => new PurgeEntry
            {
                Sequence = from + i, Site = "s", Kind = PurgeKind.Tag, Value = "t", Soft = false,
            }),
        ],
    };

    private static FeedPosition Position(long config, PurgeCursor cursor) => new()
    {
        Edge = "waw1", Connection = "c", ConfigEpoch = "ce", ConfigVersion = config, Cursor = cursor, PeersVersion = "", Wait = TimeSpan.Zero,
    };

    private static ConfigSnapshot Snapshot(long version) => new()
    {
        Epoch = "ce",
        Version = version,
        Config = new CdnConfig { Cluster = new ClusterConfig { Name = "c", Prefixes = [] }, Pops = [Pop("waw1")], Sites = [] },
    };

    private static PopConfig Pop(params string[] edges) => new()
    {
        Id = "waw",
        Name = "Warsaw",
        Location = new LocationConfig { Latitude = 0, Longitude = 0, Country = "PL", Continent = "EU" },
        Edges = [.. edges.Select(name => new EdgeConfig { Name = name, MemoryBytes = 1 })],
        Upstreams = [],
    };

    private static EdgeHello Hello(string edge, string instance) => new()
    {
        Protocol = FeedProtocol.Version,
        Pop = "waw",
        Edge = edge,
        Instance = instance,
        SoftwareVersion = "1",
        ConfigVersion = 0,
        Cursor = PurgeCursor.None,
        Addresses = new EdgeAddresses { Peer = $"http://{edge}:1" },
    };

    private static PopReport Report(string edge, string connection, long sequence) =>
        new() { Edge = edge, Connection = connection, Cursor = new PurgeCursor("e", sequence) };
}
