using System.Net.Sockets;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests;

public sealed class FeedTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await RunningSilo.StartAsync();
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_new_edge_gets_welcome_config_gap_and_peers_and_then_what_changes()
    {
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        Assert.Equal("test", Assert.IsType<SiloWelcome>(await edge.NextAsync()).Silo);
        ConfigSnapshot config = await edge.NextAsync<ConfigSnapshot>();
        Assert.Equal(1, config.Version);
        Assert.NotNull(config.Config.FindSite("www"));

        // The directory comes when it is known, which may be before the log was read.
        PurgeGap? gap = null;
        PeerDirectory? peers = null;
        while (gap is null || peers is null || !peers.Edges.Any(p => p.Edge == "waw1"))
        {
            SiloMessage message = await edge.NextAsync<SiloMessage>();
            gap = message as PurgeGap ?? gap;
            peers = message as PeerDirectory ?? peers;
        }

        await using ScriptedEdge other = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("lax", "lax1"));
        while (peers.Edges.Length != 2)
        {
            peers = await edge.NextAsync<PeerDirectory>();
        }

        await _silo.Admin.AppliedAsync(TestData.Yaml.Replace("Warsaw", "Warszawa", StringComparison.Ordinal));
        ConfigSnapshot next = await edge.NextAsync<ConfigSnapshot>();
        Assert.Equal((2L, config.Epoch, "Warszawa"), (next.Version, next.Epoch, next.Config.Pops[0].Name));

        await other.DisposeAsync();
        while (peers.Edges.Length != 1)
        {
            peers = await edge.NextAsync<PeerDirectory>();
        }
    }

    /// <summary>Which comes first is a race that the disk decides: over many purges the early word comes, and never instead of the log.</summary>
    [Fact]
    public async Task Purges_go_to_edges_that_know_it_while_they_are_being_written_and_to_all_when_they_are()
    {
        await using ScriptedEdge knows = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1") with { TakesAhead = true });
        await using ScriptedEdge older = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("lax", "lax1"));
        await knows.NextAsync<PurgeGap>();
        await older.NextAsync<PurgeGap>();
        bool cameAhead = false;
        for (int i = 1; i <= 200 && !cameAhead; i++)
        {
            PurgeReply purge = await _silo.Admin.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = [$"t{i}"] });
            while (knows.Cursor != purge.Cursor)
            {
                if (await knows.NextAsync() is PurgesAhead ahead)
                {
                    Assert.Equal(($"t{i}", purge.Cursor.Epoch), (Assert.Single(ahead.Entries).Value, ahead.Epoch));
                    cameAhead = true;
                }
            }

            while (older.Cursor != purge.Cursor)
            {
                Assert.IsNotType<PurgesAhead>(await older.NextAsync());
            }
        }

        Assert.True(cameAhead);
    }

    [Fact]
    public async Task A_heartbeat_says_how_long_ago_the_whole_log_was_known()
    {
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        SiloMessage? line;
        do
        {
            line = await edge.NextLineAsync();
            Assert.NotNull(line);
        }
        while (line is not SiloHeartbeat);
        Assert.InRange(((SiloHeartbeat)line).LogAgeSeconds!.Value, 0, 60);
    }

    /// <summary>While there is always something to tell, nothing else would say that nothing is missing.</summary>
    [Fact]
    public async Task Heartbeats_come_between_purges_that_never_pause()
    {
        var time = new FakeTimeProvider();
        await using RunningSilo silo = await RunningSilo.StartAsync(time: time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        SiloMessage? line;
        do
        {
            line = await edge.NextLineAsync();
            Assert.NotNull(line);
        }
        while (line is not SiloHeartbeat);

        for (int i = 1; i <= 6; i++)
        {
            edge.Ack(); // an edge that says nothing is given up
            time.Advance(FeedProtocol.HeartbeatInterval * 0.6);
            PurgeReply purge = await silo.Admin.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = [$"t{i}"] });
            while (edge.Cursor != purge.Cursor)
            {
                Assert.NotNull(await edge.NextAsync());
            }

            if (i % 2 == 0)
            {
                line = await edge.NextLineAsync();
                while (line is PeerDirectory)
                {
                    line = await edge.NextLineAsync();
                }

                Assert.NotNull(Assert.IsType<SiloHeartbeat>(line).LogAgeSeconds);
            }
        }
    }

    [Fact]
    public async Task The_status_of_an_edge_that_has_gone_says_what_its_sites_do_about_it()
    {
        var time = new FakeTimeProvider();
        await using RunningSilo silo = await RunningSilo.StartAsync(time: time);
        await silo.Admin.AppliedAsync(TestData.Yaml.Replace(
            "hosts: [blog", "when-cut-off: { after: 1h, policy: drain }\n    hosts: [blog", StringComparison.Ordinal));
        ScriptedEdge edge = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await edge.NextAsync<ConfigSnapshot>();
        Assert.Null((await StatusAsync()).CutOff);
        await edge.DisposeAsync();
        while ((await StatusAsync()).Connected)
        {
        }

        Assert.Null((await StatusAsync()).CutOff);
        time.StepWallClock(TimeSpan.FromMinutes(6)); // nothing but the answer goes by it
        EdgeCutOff cutOff = (await StatusAsync()).CutOff!;
        Assert.Equal((1, 0, 0), (cutOff.Serving, cutOff.Revalidating, cutOff.Draining));
        Assert.InRange(cutOff.Seconds!.Value, 360, 400);
        time.StepWallClock(TimeSpan.FromHours(1));
        Assert.Equal(1, (await StatusAsync()).CutOff!.Draining);

        async Task<EdgeStatus> StatusAsync() => (await silo.Admin.StatusAsync()).Pops.Single(p => p.Id == "waw").Edges[0];
    }

    [Fact]
    public async Task A_purge_with_wait_is_done_when_every_edge_has_acknowledged()
    {
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await using ScriptedEdge lax = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("lax", "lax1"));
        await waw.NextAsync<PurgeGap>();
        await lax.NextAsync<PurgeGap>();

        Task<PurgeReply> purging = _silo.Admin.PurgedAsync(new PurgeRequest
        {
            Site = "www", Kind = PurgeKind.Url, Values = ["https://WWW.example.net:443/A?b", "http://x.static.example.net/"], Soft = true, Wait = true, DeadlineMs = 60_000,
        });
        PurgeBatch batch = await waw.NextAsync<PurgeBatch>();
        Assert.Equal(
            ["https://www.example.net/A?b", "http://www.example.net/A?b", "http://x.static.example.net/", "https://x.static.example.net/"],
            batch.Entries.Select(e => e.Value));
        Assert.Equal([1L, 2L, 3L, 4L], batch.Entries.Select(e => e.Sequence));
        Assert.All(batch.Entries, e => Assert.True(e is { Soft: true, Site: "www", Kind: PurgeKind.Url }));
        waw.Ack();
        await lax.NextAsync<PurgeBatch>();
        Assert.False(purging.IsCompleted);
        lax.Ack();

        PurgeReply reply = await purging;
        Assert.Equal(PurgeState.Done, reply.State);
        Assert.Equal(4, reply.Cursor.Sequence);
        Assert.All(reply.Pops.SelectMany(p => p.Edges), e => Assert.True(e is { Acknowledged: true, Connected: true, Milliseconds: >= 0 }));
        PurgeReply found = await _silo.Admin.FindPurgeAsync(reply.Id);
        Assert.Equal((reply.Id, reply.Cursor, PurgeState.Done, "ops"), (found.Id, found.Cursor, found.State, found.Who));
        Assert.Equal(reply.Cursor, (await _silo.Admin.StatusAsync()).Pops[0].Edges[0].Cursor);
    }

    [Fact]
    public async Task Prefixes_and_hosts_reach_the_edges_without_a_scheme()
    {
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await waw.NextAsync<PurgeGap>();
        await _silo.Admin.PurgedAsync(new PurgeRequest
        {
            Site = "www", Kind = PurgeKind.Prefix, Soft = true,
            Values = ["https://WWW.example.net/Img/", "www.example.net/Img/", "www.example.net:8080", "http://www.example.net:443/a?b"],
        });
        PurgeBatch batch = await waw.NextAsync<PurgeBatch>();
        Assert.Equal(
            ["www.example.net/Img/", "www.example.net:8080/", "www.example.net:443/a?b", "www.example.net/a?b"],
            batch.Entries.Select(e => e.Value));
        Assert.All(batch.Entries, e => Assert.True(e is { Soft: true, Site: "www", Kind: PurgeKind.Prefix }));
        await _silo.Admin.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Host, Values = ["WWW.example.net", "x.static.example.net"] });
        batch = await waw.NextAsync<PurgeBatch>();
        Assert.Equal(["www.example.net", "x.static.example.net"], batch.Entries.Select(e => e.Value));
        Assert.All(batch.Entries, e => Assert.Equal(PurgeKind.Host, e.Kind));
    }

    [Fact]
    public async Task A_purge_with_wait_names_the_edges_that_are_missing()
    {
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await waw.NextAsync<PurgeGap>();
        Task<PurgeReply> purging = _silo.Admin.PurgedAsync(new PurgeRequest
        {
            Site = "www", Kind = PurgeKind.Tag, Values = ["t"], Wait = true, DeadlineMs = 500,
        });
        await waw.NextAsync<PurgeBatch>();
        waw.Ack();
        PurgeReply reply = await purging;
        Assert.Equal(PurgeState.Partial, reply.State);
        Assert.False(reply.Pops.Single(p => p.Pop == "lax").Edges[0].Connected);
        Assert.Equal(PurgeState.Done, reply.Pops.Single(p => p.Pop == "waw").State);

        // It comes later, and then the purge is done.
        await using ScriptedEdge lax = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("lax", "lax1", new PurgeCursor(reply.Cursor.Epoch, 0)));
        Assert.Equal("t", Assert.Single(await lax.CatchUpAsync(reply.Cursor)).Value);
        PurgeReply again;
        do
        {
            again = await _silo.Admin.FindPurgeAsync(reply.Id);
        }
        while (again.State != PurgeState.Done);
    }

    [Fact]
    public async Task A_purge_needs_no_more_than_what_is_purged_and_may_wait_without_a_deadline()
    {
        using HttpResponseMessage answer = await _silo.Admin.SendAsync(
            HttpMethod.Post, ApiRoutes.Purges, new StringContent("""{"site":"www","kind":"Site","wait":true}""", Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_purge_is_checked_against_the_config()
    {
        async Task Refused(PurgeRequest request, string says)
        {
            ApiProblem problem = await ApiClient.Problem(await _silo.Admin.PurgeAsync(request), 422);
            Assert.Contains(says, problem.Detail, StringComparison.Ordinal);
        }

        await Refused(new PurgeRequest { Site = "nope", Kind = PurgeKind.Site }, "'www'");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Site, Values = ["x"] }, "empty");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag }, "0 items");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = ["a b"] }, "spaces");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = [""] }, "at least one");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = [new string('a', ApiRoutes.MaxPurgeValueBytes + 1)] }, "longer");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Url, Values = ["/path"] }, "http://");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Url, Values = ["http://blog.example.net/"] }, "'blog'");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Url, Values = ["http://special.static.example.net/"] }, "'blog'");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Url, Values = ["http://static.example.net/"] }, "no site");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Prefix, Values = ["/img/"] }, "not a host name");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Prefix, Values = ["ftp://www.example.net/img/"] }, "http://");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Prefix, Values = ["www.example.net/img/*"] }, "'*'");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Prefix, Values = ["blog.example.net/img/"] }, "'blog'");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Host, Values = ["blog.example.net"] }, "'blog'");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Host, Values = ["*.static.example.net"] }, "wildcard");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Host, Values = ["www.example.net:8080"] }, "without scheme");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Host, Values = ["http://www.example.net/"] }, "without scheme");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Host }, "0 items");
        await Refused(new PurgeRequest { Site = "www", Kind = (PurgeKind)7, Values = ["x"] }, "kind");
        await Refused(new PurgeRequest { Site = "www", Kind = PurgeKind.Site, Wait = true, DeadlineMs = 60_001 }, "deadlineMs");
        Assert.Equal(0, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task An_edge_resumes_from_its_cursor_also_from_before_what_is_kept_in_memory()
    {
        string epoch = (await _silo.Admin.StatusAsync()).Cursor.Epoch;
        PurgeReply last = null!;
        for (int i = 0; i < 3; i++)
        {
            last = await _silo.Admin.PurgedAsync(new PurgeRequest
            {
                Site = "www", Kind = PurgeKind.Tag, Values = [.. Enumerable.Range(0, 2000).Select(t => $"{i}-{t}")],
            });
        }

        Assert.Equal(6000, last.Cursor.Sequence);
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1", new PurgeCursor(epoch, 3)));
        List<PurgeEntry> entries = await edge.CatchUpAsync(last.Cursor);
        Assert.Equal(Enumerable.Range(4, 5997).Select(s => (long)s), entries.Select(e => e.Sequence));
        Assert.Equal("0-3", entries[0].Value);
        Assert.Equal("2-1999", entries[^1].Value);
    }

    [Theory]
    [InlineData("another-log", 5)]
    [InlineData(null, 5)]
    public async Task A_cursor_of_another_log_or_past_the_end_is_a_gap(string? epoch, long sequence)
    {
        PurgeCursor end = (await _silo.Admin.StatusAsync()).Cursor;
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(
            _silo.Feed, ScriptedEdge.Hello("waw", "waw1", new PurgeCursor(epoch ?? end.Epoch, end.Sequence + sequence)));
        Assert.Equal(end, (await edge.NextAsync<PurgeGap>()).Through);
    }

    [Fact]
    public async Task A_newer_instance_takes_the_place_of_the_older()
    {
        await using ScriptedEdge older = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1", instance: "old"));
        await older.NextAsync<PeerDirectory>();
        await using ScriptedEdge newer = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1", instance: "new"));
        await newer.NextAsync<PeerDirectory>();
        SiloRefusal refusal = await older.NextAsync<SiloRefusal>();
        Assert.Contains("newer connection", refusal.Reason, StringComparison.Ordinal);
        Assert.Null(await older.NextAsync());
        Assert.True((await _silo.Admin.StatusAsync()).Pops[0].Edges[0].Connected);
    }

    [Fact]
    public async Task Edges_that_the_config_does_not_name_are_told_so()
    {
        async Task<string> RefusalOf(EdgeHello hello)
        {
            await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, hello);
            string reason = (await edge.NextAsync<SiloRefusal>()).Reason;
            Assert.Null(await edge.NextAsync());
            return reason;
        }

        Assert.Contains("'waw1'", await RefusalOf(ScriptedEdge.Hello("waw", "waw9")), StringComparison.Ordinal);
        Assert.Contains("'waw', 'lax'", await RefusalOf(ScriptedEdge.Hello("xyz", "waw1")), StringComparison.Ordinal);
        Assert.Contains("protocol", await RefusalOf(ScriptedEdge.Hello("waw", "waw1") with { Protocol = 99 }), StringComparison.Ordinal);
        Assert.Contains("printable", await RefusalOf(ScriptedEdge.Hello("waw", "waw1\nforged log line")), StringComparison.Ordinal);
        Assert.Contains(
            "URLs", await RefusalOf(ScriptedEdge.Hello("waw", "waw1") with { Addresses = new EdgeAddresses { Peer = "file:///etc/passwd" } }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_that_is_taken_out_of_the_config_is_disconnected_with_the_reason()
    {
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await edge.NextAsync<ConfigSnapshot>();
        await _silo.Admin.AppliedAsync(TestData.Yaml.Replace("name: waw1", "name: waw2", StringComparison.Ordinal));
        Assert.Contains("any more", (await edge.NextAsync<SiloRefusal>()).Reason, StringComparison.Ordinal);
    }

    public static TheoryData<string> Garbage => new(
        "nonsense\n", "\n", "{}\n", "null\n", "{\"type\":\"ack\",\"cursor\":{\"epoch\":\"e\",\"sequence\":1}}\n", "{\"type\":\"bogus\"}\n",
        "{\"type\":\"hello\"}\n", new string('x', FeedProtocol.MaxEdgeLineBytes + 1), "{\"type\":\"heartbeat\"} {}\n", "\0\u0001\u0002\n", new string('[', 5000) + "\n");

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_instead_of_a_hello_or_after_it_ends_that_connection_alone(string garbage)
    {
        await using ScriptedEdge healthy = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("lax", "lax1"));
        await healthy.NextAsync<PurgeGap>();

        await using ScriptedEdge first = await ScriptedEdge.OpenAsync(_silo.Feed, Encoding.UTF8.GetBytes(garbage));
        await first.NextAsync<SiloRefusal>();
        Assert.Null(await first.NextAsync());

        if (!garbage.StartsWith("{\"type\":\"ack\"", StringComparison.Ordinal))
        {
            await using ScriptedEdge later = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
            await later.NextAsync<PurgeGap>();
            later.SendRaw(Encoding.UTF8.GetBytes(garbage));
            await later.NextAsync<SiloRefusal>();
        }

        PurgeReply purge = await _silo.Admin.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = ["x"] });
        await healthy.CatchUpAsync(purge.Cursor);
    }

    [Fact]
    public async Task Garbage_on_both_ports_harms_nothing()
    {
        byte[] noise = new byte[64 * 1024];
        new Random(5).NextBytes(noise);
        foreach (Uri target in new[] { _silo.Api, _silo.Feed })
        {
            foreach (byte[] bytes in new[] { noise, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x4\x1\0\0\0\0xxxxxxx"u8.ToArray(), [] })
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(target.Host, target.Port);
                try
                {
                    NetworkStream stream = socket.GetStream();
                    await stream.WriteAsync(bytes);
                    socket.Client.Shutdown(SocketShutdown.Send);
                    await stream.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(120));
                }
                catch (Exception error) when (error is IOException or SocketException)
                {
                    // Reset: as good an answer as any.
                }
            }
        }

        await _silo.Admin.StatusAsync();
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await edge.NextAsync<ConfigSnapshot>();
    }

    [Fact]
    public async Task Silence_ends_a_connection_and_heartbeats_go_both_ways()
    {
        var time = new FakeTimeProvider();
        await using RunningSilo silo = await RunningSilo.StartAsync(time: time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await edge.NextAsync<PurgeGap>();
        for (int i = 0; i < 5; i++)
        {
            // Longer than the limit altogether, but never silent for that long.
            time.Advance(TimeSpan.FromSeconds(4));
            var heartbeat = new EdgeHeartbeat { ConfigVersion = 1, Cursor = edge.Cursor, Counters = new EdgeCounters { Requests = i + 1 } };
            edge.Send(heartbeat);
            while ((await silo.Admin.StatusAsync()).Pops[0].Edges[0].Counters?.Requests != i + 1)
            {
                await Task.Yield();
            }
        }

        Assert.True((await silo.Admin.StatusAsync()).Pops[0].Edges[0].Connected);
        time.Advance(FeedProtocol.SilenceLimit + TimeSpan.FromSeconds(1));
        Assert.Contains("nothing was heard", (await edge.NextAsync<SiloRefusal>()).Reason, StringComparison.Ordinal);
        Assert.Null(await edge.NextAsync());
        Assert.False((await silo.Admin.StatusAsync()).Pops[0].Edges[0].Connected);
    }

    /// <summary>An edge serves from its disk once it has heard this.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData((2 * FeedProtocol.MaxPurgesPerMessage) + 7)]
    public async Task An_edge_is_told_at_once_when_it_has_everything_that_it_lacked(int missed)
    {
        // On a clock that stands still no heartbeat is due.
        await using RunningSilo silo = await RunningSilo.StartAsync(time: new FakeTimeProvider());
        await silo.Admin.AppliedAsync(TestData.Yaml);
        PurgeCursor before = (await silo.Admin.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = ["first"] })).Cursor;
        PurgeCursor end = before;
        if (missed > 0)
        {
            string[] tags = [.. Enumerable.Range(0, missed).Select(n => $"t{n}")];
            end = (await silo.Admin.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = [.. tags] })).Cursor;
        }

        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1", before));
        List<PurgeEntry> entries = [];
        bool hasConfig = false;
        SiloMessage? message;
        while ((message = await edge.NextLineAsync()) is not SiloHeartbeat)
        {
            Assert.NotNull(message);
            entries.AddRange(message is PurgeBatch batch ? batch.Entries : []);
            hasConfig |= message is ConfigSnapshot;
        }

        Assert.True(hasConfig);
        Assert.Equal(missed, entries.Count);
        Assert.Equal(end, edge.Cursor);
    }

    [Fact]
    public async Task What_an_edge_says_of_its_disk_and_its_origins_is_in_the_status()
    {
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await edge.NextAsync<PurgeGap>();
        var heartbeat = new EdgeHeartbeat { ConfigVersion = 1, Cursor = edge.Cursor, Counters = new EdgeCounters { Requests = 1 } };
        EdgeCondition condition = new()
        {
            Disk = new EdgeDisk { State = EdgeDiskState.Failed, Reason = "no space", CapacityBytes = 5, Objects = 1, Bytes = 2, Hits = 3, WritesDropped = 4, Journal = edge.Cursor },
            SickOrigins = [new SickOrigin("www", "https://origin.example.net", "connect-failed")],
        };
        edge.Send(heartbeat);
        edge.Send(heartbeat with { Condition = condition });
        EdgeStatus status;
        do
        {
            status = (await _silo.Admin.StatusAsync()).Pops[0].Edges[0];
        }
        while (status.Condition is null);

        Assert.Equal(condition.Disk, status.Condition.Disk);
        Assert.Equal(condition.SickOrigins.AsEnumerable(), status.Condition.SickOrigins);

        // An edge of another release leaves out what it does not know.
        edge.SendRaw("""{"type":"heartbeat","configVersion":2,"cursor":{"epoch":"x","sequence":0},"counters":{},"condition":{"disk":{"state":"Off"}}}"""u8.ToArray());
        edge.SendRaw("\n"u8.ToArray());
        do
        {
            status = (await _silo.Admin.StatusAsync()).Pops[0].Edges[0];
        }
        while (status.ConfigVersion != 2);

        Assert.Equal(EdgeDisk.None, status.Condition!.Disk);
        Assert.Empty(status.Condition.SickOrigins);
    }
}
