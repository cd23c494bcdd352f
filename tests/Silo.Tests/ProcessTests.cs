using System.Collections.Concurrent;
using System.Globalization;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

public sealed class ProcessTests
{
    [Fact]
    public async Task What_was_acknowledged_is_there_after_kill_9()
    {
        var data = new TestData();
        SiloProcess silo = await SiloProcess.StartAsync(data);
        var client = new ApiClient(silo.Api, data.Admin);
        await client.AppliedAsync(TestData.Yaml);
        await client.AppliedAsync(TestData.Yaml.Replace("Warsaw", "Warszawa", StringComparison.Ordinal));
        PurgeCursor start = (await client.StatusAsync()).Cursor;

        var acknowledged = new ConcurrentDictionary<string, PurgeReply>();
        var enough = new TaskCompletionSource();
        Task[] writers =
        [
            .. Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
            {
                try
                {
                    for (int i = 0; ; i++)
                    {
                        string tag = $"{writer}-{i}";
                        acknowledged[tag] = await client.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = [tag] });
                        if (acknowledged.Count >= 200)
                        {
                            enough.TrySetResult();
                        }
                    }
                }
                catch (Exception error) when (TransportFailure.Is(error))
                {
                    // The kill.
                }
            })),
        ];
        await enough.Task.WaitAsync(TimeSpan.FromSeconds(180));
        await silo.KillAsync();
        await Task.WhenAll(writers);

        await using SiloProcess again = await SiloProcess.StartAsync(data, silo.Api, silo.Feed);
        StatusReply status = await client.StatusAsync();
        Assert.Equal((2, start.Epoch), (status.ConfigVersion, status.Cursor.Epoch));
        Assert.Contains("Warszawa", (await client.ConfigAsync()).Yaml, StringComparison.Ordinal);
        foreach ((string tag, PurgeReply reply) in acknowledged)
        {
            Assert.True(status.Cursor.Covers(reply.Cursor), $"{tag} at {reply.Cursor} is past {status.Cursor}");
            PurgeReply found = await client.FindPurgeAsync(reply.Id);
            Assert.Equal((reply.Cursor, reply.When), (found.Cursor, found.When));
        }

        // An edge that had applied some of it goes on from there, without a gap, and everything acknowledged is in it.
        var halfway = new PurgeCursor(start.Epoch, status.Cursor.Sequence / 2);
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(again.Feed, ScriptedEdge.Hello("waw", "waw1", halfway));
        List<PurgeEntry> entries = await edge.CatchUpAsync(status.Cursor);
        Assert.Equal(
            acknowledged.Where(a => a.Value.Cursor.Sequence > halfway.Sequence).Select(a => a.Key).Order(),
            entries.Select(e => e.Value).Where(acknowledged.ContainsKey).Order());

        PurgeReply next = await client.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Site });
        Assert.Equal(status.Cursor.Sequence + 1, next.Cursor.Sequence);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_costs_bounded_memory_and_delays_nobody()
    {
        var data = new TestData();
        await using SiloProcess silo = await SiloProcess.StartAsync(data);
        var client = new ApiClient(silo.Api, data.Admin);
        await client.AppliedAsync(TestData.Yaml);
        PurgeCursor start = (await client.StatusAsync()).Cursor;
        // A window of 64 KiB: what the silo may send before the edge reads on.
        using var narrow = new SocketsHttpHandler { InitialHttp2StreamWindowSize = 65535 };
        await using ScriptedEdge stuck = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1", start), narrow);
        await stuck.NextAsync<SiloWelcome>();
        await using ScriptedEdge healthy = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("lax", "lax1", start));

        string filler = new('x', 500);
        async Task<PurgeCursor> PurgeManyAsync(int rounds)
        {
            PurgeReply reply = null!;
            for (int i = 0; i < rounds; i++)
            {
                reply = await client.PurgedAsync(new PurgeRequest
                {
                    Site = "www", Kind = PurgeKind.Tag, Values = [.. Enumerable.Range(0, 2000).Select(t => $"{filler}{i}-{t}")],
                });
                await healthy.CatchUpAsync(reply.Cursor);
            }

            return reply.Cursor;
        }

        await PurgeManyAsync(5);
        long before = ResidentKilobytes(silo.Id);
        PurgeCursor end = await PurgeManyAsync(30);
        long grown = ResidentKilobytes(silo.Id) - before;
        // 30 MB of text went by; kept for the stuck edge it would be that and its JSON on top of what is there anyway.
        Assert.True(grown < 120 * 1024, $"{grown} KiB more");
        Assert.Equal(70_000, end.Sequence);

        // It was late, not forgotten: from its cursor on it gets everything.
        await stuck.DisposeAsync();
        await using ScriptedEdge back = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1", start));
        Assert.Equal(70_000, (await back.CatchUpAsync(end)).Count);
    }

    [Fact]
    public async Task Sigterm_ends_it_cleanly_with_feeds_open()
    {
        var data = new TestData();
        await using SiloProcess silo = await SiloProcess.StartAsync(data);
        await new ApiClient(silo.Api, data.Admin).AppliedAsync(TestData.Yaml);
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await edge.NextAsync<ConfigSnapshot>();
        long begun = TimeProvider.System.GetTimestamp();
        Assert.Equal(0, await silo.TerminateAsync());
        // A second and a half on an idle machine; what hangs does so for the framework's 30 s.
        Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(20), silo.Log());
        Assert.DoesNotContain("fail:", silo.Log(), StringComparison.Ordinal);
    }

    private static long ResidentKilobytes(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.Any, CultureInfo.InvariantCulture);
    }
}
