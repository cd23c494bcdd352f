using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Control;

public sealed class FeedClientTests
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    private static PurgeEntry Tag(long sequence, string tag = "t") =>
        new() { Sequence = sequence, Site = "www", Kind = PurgeKind.Tag, Value = tag, Soft = false };

    private static PurgeBatch Batch(string epoch, long through, params PurgeEntry[] entries) =>
        new() { Through = new PurgeCursor(epoch, through), Entries = [.. entries] };

    private static ConfigSnapshot Config(long version, string epoch = "e1") => new() { Epoch = epoch, Version = version, Config = Configs.One() };

    [Fact]
    public async Task Config_purges_and_peers_come_into_force_and_are_acknowledged_once_on_disk()
    {
        using TempDirectory data = new();
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using (FeedBench edge = await new FeedBench(Clock, data, silo.Url).StartAsync())
        {
            edge.Metrics.Add(Counter.Hits, 3);
            ScriptedSilo.Conversation feed = await silo.AcceptAsync();
            EdgeHello hello = await feed.ReadAsync<EdgeHello>();
            Assert.Equal(("waw", "waw1", 0L, PurgeCursor.None, "127.0.0.1:80"), (hello.Pop, hello.Edge, hello.ConfigVersion, hello.Cursor, hello.Addresses.Http));

            await feed.WelcomeAsync();
            await feed.SendAsync(Config(4));
            EdgeHeartbeat heartbeat = await feed.ReadAsync<EdgeHeartbeat>(h => h.ConfigVersion == 4);
            Assert.Equal(3, heartbeat.Counters.Hits);
            Assert.Equal(FeedState.Connected, edge.Board.Current.State);

            long stamp = edge.State.Purges.Applied;
            await feed.SendAsync(new PurgeGap(new PurgeCursor("log", 10)));
            await feed.ReadAsync<EdgeAck>(a => a.Cursor == new PurgeCursor("log", 10));
            Assert.Equal(PurgeVerdict.Hard, edge.State.Purges.Check("www", "u", [], stamp));

            stamp = edge.State.Purges.Applied;
            await feed.SendAsync(Batch("log", 12, Tag(11), Tag(12, "other")));
            EdgeAck ack = await feed.ReadAsync<EdgeAck>();
            Assert.Equal(new PurgeCursor("log", 12), ack.Cursor);
            Assert.Equal(PurgeVerdict.Hard, edge.State.Purges.Check("www", "u", ["t"], stamp));
            Assert.Equal(PurgeVerdict.Clear, edge.State.Purges.Check("www", "u", ["x"], stamp));

            await feed.SendAsync(new PeerDirectory([new PeerEdge("lax", "lax1", "http://127.0.0.1:1")]));
            await Eventually.IsTrueAsync(() => edge.State.Peers.At("lax").Length == 1);
        }

        await using FeedBench restarted = await new FeedBench(Clock, data, silo.Url).StartAsync();
        Assert.Equal(4, restarted.State.Snapshot?.Version); // before any silo has said a word
        EdgeHello again = await (await silo.AcceptAsync()).ReadAsync<EdgeHello>();
        Assert.Equal((4L, "e1", new PurgeCursor("log", 12)), (again.ConfigVersion, again.ConfigEpoch, again.Cursor));
    }

    [Fact]
    public async Task A_question_is_answered_also_before_there_is_a_cache_to_ask()
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(Clock, null, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.WelcomeAsync();
        var question = new ExplainQuestion { Id = "1", Method = "GET", Url = "http://h/", Headers = [new HeaderField("A", "b")] };
        await feed.SendAsync(question);
        EdgeExplained answer = await feed.ReadAsync<EdgeExplained>();
        Assert.Equal(("1", ExplainVerdict.NotReady), (answer.Id, answer.Explanation.Verdict));

        edge.Client.Explain = q => Task.FromResult(answer.Explanation with { Verdict = ExplainVerdict.Miss, Detail = $"{q.Method} {q.Url} {q.Headers[0]}" });
        await feed.SendAsync(question with { Id = "2" });
        answer = await feed.ReadAsync<EdgeExplained>();
        Assert.Equal(("2", "GET http://h/ " + question.Headers[0]), (answer.Id, answer.Explanation.Detail));

        var coverage = new CoverageQuestion { Id = "3", Site = "www", Kind = PurgeKind.Tag, Values = ["t"] };
        await feed.SendAsync(coverage);
        EdgeCovered covered = await feed.ReadAsync<EdgeCovered>();
        Assert.Equal(("3", false, "this edge does not serve yet"), (covered.Id, covered.Coverage.Memory.IsComplete, covered.Coverage.Note));
        edge.Client.Cover = q => Task.FromResult(covered.Coverage with { Note = $"{q.Site} {q.Kind} {q.Values[0]}" });
        await feed.SendAsync(coverage with { Id = "4" });
        Assert.Equal("www Tag t", (await feed.ReadAsync<EdgeCovered>()).Coverage.Note);

        await feed.SendAsync(question with { Headers = [.. Enumerable.Repeat(question.Headers[0], ExplainRequest.MaxHeaders + 1)] });
        await edge.UntilEndedAsync(FeedEndReason.ProtocolViolation);
    }

    [Fact]
    public async Task An_acknowledgement_never_runs_ahead_of_the_disk()
    {
        using TempDirectory data = new();
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(Clock, data, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.WelcomeAsync();
        await feed.SendAsync(new PurgeGap(new PurgeCursor("log", 1)));
        for (long i = 2; i <= 200; i++)
        {
            await feed.SendAsync(Batch("log", i, Tag(i)));
        }

        PurgeCursor acknowledged;
        do
        {
            acknowledged = (await feed.ReadAsync<EdgeAck>()).Cursor;
            byte[] disk = File.ReadAllBytes(data.File("control/" + ControlStore.CursorName));
            Assert.True(NewestOnDisk(disk) >= acknowledged.Sequence, $"acknowledged {acknowledged}, on disk {NewestOnDisk(disk)}");
        }
        while (acknowledged.Sequence < 200);
    }

    [Fact]
    public async Task A_disk_that_refuses_means_no_acknowledgement_but_the_purge_holds()
    {
        FakeTimeProvider time = new();
        using TempDirectory data = new();
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(time, data, silo.Url).StartAsync();
        string inTheWay = data.File("control/" + ControlStore.CursorName);
        Directory.CreateDirectory(inTheWay);
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.WelcomeAsync();
        await feed.SendAsync(new PurgeGap(new PurgeCursor("log", 1)));
        await Eventually.IsTrueAsync(() => edge.Log.All.Contains("cannot be saved", StringComparison.Ordinal));
        Assert.Equal(new PurgeCursor("log", 1), edge.State.Purges.Cursor);

        time.Advance(FeedProtocol.HeartbeatInterval);
        Assert.IsType<EdgeHello>(await feed.ReadAsync());
        Assert.Equal(PurgeCursor.None, Assert.IsType<EdgeHeartbeat>(await feed.ReadAsync()).Cursor);

        Directory.Delete(inTheWay);
        time.Advance(FeedProtocol.HeartbeatInterval);
        Assert.Equal(new PurgeCursor("log", 1), Assert.IsType<EdgeAck>(await feed.ReadAsync()).Cursor);
    }

    [Fact]
    public async Task An_older_config_of_the_same_epoch_is_not_used_and_another_epoch_is()
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(Clock, null, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.WelcomeAsync();
        await feed.SendAsync(Config(5));
        await feed.SendAsync(Config(4));
        await feed.SendAsync(new PurgeGap(new PurgeCursor("log", 1)));
        await feed.ReadAsync<EdgeAck>();
        Assert.Equal(5, edge.State.Snapshot?.Version);
        await feed.SendAsync(Config(1, "e2"));
        await feed.ReadAsync<EdgeHeartbeat>(h => h.ConfigVersion == 1);
        Assert.Equal(("e2", 1L), (edge.State.Snapshot?.Epoch, edge.State.Snapshot?.Version));
    }

    public static TheoryData<string, string> BrokenLines => new()
    {
        { "garbage\n", nameof(FeedEndReason.Malformed) },
        { "\n", nameof(FeedEndReason.Malformed) },
        { "{}\n", nameof(FeedEndReason.Malformed) },
        { "[1,2]\n", nameof(FeedEndReason.Malformed) },
        { "null\n", nameof(FeedEndReason.Malformed) },
        { """{"type":"nonsense"}""" + "\n", nameof(FeedEndReason.Malformed) },
        { """{"type":"heartbeat"} {"type":"heartbeat"}""" + "\n", nameof(FeedEndReason.Malformed) },
        { """{"type":"peers","edges":[null]}""" + "\n", nameof(FeedEndReason.Malformed) },
        { """{"type":"purges","through":{"epoch":"x","sequence":1}}""" + "\n", nameof(FeedEndReason.Malformed) },
        { """{"type":"config","epoch":"x","version":1,"config":{"cluster":{}}}""" + "\n", nameof(FeedEndReason.Malformed) },
        { new string('[', 5000) + "\n", nameof(FeedEndReason.Malformed) },
        { """{"type":"purges","through":{"epoch":"zzz","sequence":1},"entries":[]}""" + "\n", nameof(FeedEndReason.ProtocolViolation) },
        { """{"type":"refused","reason":"unknown edge"}""" + "\n", nameof(FeedEndReason.Refused) },
        { """{"type":"heartbeat"}""", nameof(FeedEndReason.Closed) },
        { "", nameof(FeedEndReason.Closed) },
    };

    [Theory]
    [MemberData(nameof(BrokenLines))]
    public async Task A_broken_silo_costs_the_connection_and_nothing_else(string sent, string reason)
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(Clock, null, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.WelcomeAsync();
        await feed.SendAsync(Config(5));
        await feed.ReadAsync<EdgeHeartbeat>(h => h.ConfigVersion == 5);
        await feed.SendRawAsync(Encoding.UTF8.GetBytes(sent));
        if (reason == nameof(FeedEndReason.Closed))
        {
            feed.Close();
        }

        ScriptedSilo.Conversation next = await silo.AcceptAsync(); // it comes back
        feed.Close();
        Assert.Equal(5, (await next.ReadAsync<EdgeHello>()).ConfigVersion);
        Assert.Equal(Enum.Parse<FeedEndReason>(reason), edge.Board.Current.LastEnd!.Reason);
        Assert.Equal(5, edge.State.Snapshot?.Version);
        Assert.Single(edge.Log.Lines, l => l.Text.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_line_without_end_is_cut_off()
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(Clock, null, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.WelcomeAsync();
        byte[] piece = Encoding.ASCII.GetBytes(new string(' ', 1 << 20));
        try
        {
            for (int sent = 0; sent <= FeedProtocol.MaxSiloLineBytes + piece.Length; sent += piece.Length)
            {
                await feed.SendRawAsync(piece);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The edge may have hung up before the last piece.
        }

        await edge.UntilEndedAsync(FeedEndReason.LineTooLong);
        feed.Close();
    }

    [Fact]
    public async Task A_silent_silo_is_given_up_after_the_silence_limit()
    {
        FakeTimeProvider time = new();
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(time, null, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.ReadAsync<EdgeHello>();
        await feed.WelcomeAsync();
        await Eventually.IsTrueAsync(() => edge.Board.Current.State == FeedState.Connected);

        // A sign of life moves the limit.
        time.Advance(FeedProtocol.SilenceLimit - TimeSpan.FromSeconds(1));
        await feed.SendAsync(Config(1));
        await feed.ReadAsync<EdgeHeartbeat>(h => h.ConfigVersion == 1);
        time.Advance(FeedProtocol.SilenceLimit - TimeSpan.FromSeconds(1));
        await feed.ReadAsync<EdgeHeartbeat>();
        Assert.Equal(FeedState.Connected, edge.Board.Current.State);

        time.Advance(TimeSpan.FromSeconds(1));
        await feed.UntilGoneAsync();
        await edge.UntilEndedAsync(FeedEndReason.Silent);
        Assert.Equal(FeedState.Disconnected, edge.Board.Current.State);
    }

    [Fact]
    public async Task A_silo_that_accepts_and_says_nothing_is_given_up_too()
    {
        FakeTimeProvider time = new();
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(time, null, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.ReadAsync<EdgeHello>();
        time.Advance(FeedProtocol.SilenceLimit);
        await feed.UntilGoneAsync();
        await edge.UntilEndedAsync(FeedEndReason.Silent);
    }

    [Fact]
    public async Task Heartbeats_go_out_at_their_interval()
    {
        FakeTimeProvider time = new();
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(time, null, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.ReadAsync<EdgeHello>();
        for (int i = 1; i <= 2; i++)
        {
            edge.Metrics.Add(Counter.Requests);
            time.Advance(FeedProtocol.HeartbeatInterval);
            Assert.Equal(i, (await feed.ReadAsync<EdgeHeartbeat>()).Counters.Requests);
        }
    }

    [Fact]
    public async Task Popularity_goes_up_in_parts_with_every_second_heartbeat()
    {
        FakeTimeProvider time = new();
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(time, null, silo.Url).StartAsync();
        int asked = 0;
        edge.Metrics.Popularity = () => [Part(++asked, 0), Part(asked, 1)];
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.ReadAsync<EdgeHello>();
        time.Advance(FeedProtocol.HeartbeatInterval);
        Assert.IsType<EdgeHeartbeat>(await feed.ReadAsync());
        time.Advance(FeedProtocol.HeartbeatInterval);

        // The clock may move while the edge is still busy with the first heartbeat: then the parts come before the second one.
        EdgeMessage?[] second = [await feed.ReadAsync(), await feed.ReadAsync(), await feed.ReadAsync()];
        Assert.Single(second.OfType<EdgeHeartbeat>());
        Assert.Equal([(1, 0), (1, 1)], second.OfType<EdgePopularity>().Select(told => ((int)told.PerMinute, told.Part)));

        static EdgePopularity Part(int round, int part) => new()
        {
            Site = "www", Part = part, IsLast = part == 1, PerMinute = round, MissesPerMinute = 0, Floor = 0, Urls = [new UrlPopularity("http://h/", 1, 0, 0)],
        };
    }

    [Fact]
    public async Task The_next_silo_of_the_list_is_tried_and_leases_follow()
    {
        using TcpListener reserved = new(IPAddress.Loopback, 0);
        reserved.Start();
        Uri dead = new($"http://{reserved.LocalEndpoint}");
        reserved.Stop();
        await using ScriptedSilo alive = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(Clock, null, dead, alive.Url).StartAsync();
        ScriptedSilo.Conversation feed = await alive.AcceptAsync();
        await feed.WelcomeAsync();
        await Eventually.IsTrueAsync(() => edge.Board.Current.Silo == alive.Url);
        Assert.Single(edge.Log.Lines, l => l.Text.Contains(nameof(FeedEndReason.Unreachable), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dead_silo_is_tried_again_until_it_is_back_with_one_line_of_log()
    {
        ScriptedSilo first = await ScriptedSilo.StartAsync();
        Uri url = first.Url;
        await using FeedBench edge = await new FeedBench(Clock, null, url).StartAsync();
        await (await first.AcceptAsync()).WelcomeAsync();
        await Eventually.IsTrueAsync(() => edge.Board.Current.State == FeedState.Connected);
        await first.DisposeAsync();
        await edge.UntilEndedAsync(FeedEndReason.Unreachable);
        await using ScriptedSilo second = await ScriptedSilo.StartAsync(url.Port);
        await (await second.AcceptAsync()).WelcomeAsync();
        await Eventually.IsTrueAsync(() => edge.Board.Current.State == FeedState.Connected);
        Assert.Single(edge.Log.Lines, l => l.Text.Contains("lost", StringComparison.Ordinal));
        Assert.Equal(2, edge.Log.Lines.Count(l => l.Text.Contains("connected to", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(200)]
    public async Task Something_that_is_no_feed_is_told_apart(int status)
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(Clock, null, silo.Url).StartAsync();
        (await silo.AcceptAsync()).Answer(status);
        await edge.UntilEndedAsync(FeedEndReason.NotAFeed);
    }

    [Fact]
    public async Task Other_addresses_are_announced_by_a_new_hello()
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(Clock, null, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        EdgeHello hello = await feed.ReadAsync<EdgeHello>();
        await feed.WelcomeAsync();
        await Eventually.IsTrueAsync(() => edge.Board.Current.State == FeedState.Connected);
        edge.Client.Announce(new EdgeAddresses { Http = "127.0.0.1:81" });
        ScriptedSilo.Conversation next = await silo.AcceptAsync();
        feed.Close();
        EdgeHello again = await next.ReadAsync<EdgeHello>();
        Assert.Equal((hello.Instance, "127.0.0.1:81"), (again.Instance, again.Addresses.Http));
    }

    /// <summary>Reads the cursor file without the code under test.</summary>
    private static long NewestOnDisk(byte[] file)
    {
        string text = Encoding.Latin1.GetString(file);
        return System.Text.RegularExpressions.Regex.Matches(text, "\"sequence\":([0-9]+)").Max(m => long.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
    }
}
