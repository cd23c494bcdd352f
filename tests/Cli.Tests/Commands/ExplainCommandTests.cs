using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class ExplainCommandTests
{
    private static readonly Explanation Stored = new()
    {
        Verdict = ExplainVerdict.StaleWhileRevalidate,
        Site = "www",
        Key = new ExplainedKey("https", "www.example.net", "/a", "00ff"),
        Rule = new ExplainedRule { Number = 2, Extensions = ["css", "js"], ContentTypes = [], Statuses = [], TtlSeconds = 300, MaxTtlSeconds = 900 },
        Variants =
        [
            new ExplainedVariant
            {
                IsSelected = true, Status = 200, Vary = [new ExplainedField("accept-encoding", "gzip"), new ExplainedField("x-kind", null)], ETag = "\"e\u001b[31m\"",
                AgeSeconds = 12.5, LifetimeSeconds = 10, LifetimeSource = LifetimeSource.SharedMaxAge, TtlSeconds = -2.5, StaleWhileRevalidateSeconds = 30,
                GraceSeconds = 60, NeverStale = false, Tags = ["one"], TagCount = 3, Groups = ["a b", "c"], GroupCount = 3, PurgeStamp = 4,
                Purge = new ExplainedPurge("www.example.net/", true, 17, PurgeKind.Prefix), BodyBytes = 2048, Tier = StorageTier.Memory,
            },
        ],
        VariantCount = 1,
        NotStored = new ExplainedNotStored("not-stored-private", 3, 117),
        ConfigVersion = 5,
        PurgeCursor = new PurgeCursor("e", 18),
        PurgesApplied = 6,
    };

    private static ExplainReply Reply(params EdgeExplanation[] edges) => new() { Url = "https://www.example.net/a", Pop = "waw", Edges = [.. edges] };

    private static EdgeExplanation Answered(string edge) => new() { Edge = edge, Outcome = AnswerOutcome.Answered, Explanation = Stored };

    private static EdgeExplanation Missing(string edge, AnswerOutcome outcome) => new() { Edge = edge, Outcome = outcome };

    private static async Task<(CliRun Run, ExplainRequest Sent)> RunAsync(ExplainReply reply, params string[] more)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Explain, reply, ContractsJson.Default.ExplainReply);
        CliRun run = await api.RunAsync(["explain", "https://www.example.net/a", "--pop", "waw", .. more]);
        return (run, JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.ExplainRequest)!);
    }

    [Fact]
    public async Task The_answer_is_shown_a_fact_a_line_and_steers_no_terminal()
    {
        (CliRun run, ExplainRequest sent) = await RunAsync(
            Reply(Answered("waw1")), "--edge", "waw1", "--method", "HEAD", "--header", "Accept-Encoding: gzip", "-H", "X-Kind:a:b");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(("https://www.example.net/a", "waw", "waw1", "HEAD"), (sent.Url, sent.Pop, sent.Edge, sent.Method));
        Assert.Equal([new HeaderField("Accept-Encoding", "gzip"), new HeaderField("X-Kind", "a:b")], sent.Headers.ToArray());
        foreach (string line in (string[])
        [
            "waw/waw1: stale-while-revalidate",
            "  key          https://www.example.net/a",
            "  rule         2. .css .js: ttl 300 s, at most 900 s",
            "  not stored   not-stored-private, 3 s ago; requests go on alone for another 117 s",
            "  purges       applied up to 18 of the log; 6 since the edge's start",
            "  variant 200, 2.0 KiB in memory - the request selects this one",
            "    vary         accept-encoding: gzip; x-kind: (absent)",
            "    validators   \"e?[31m\"",
            "    age          12 s of 10 s, stale for 2 s",
            "    lifetime     from s-maxage",
            "    stale        30 s while it is refreshed, 60 s while the origin fails",
            "    purge        covered by a soft purge, 17 of the log: prefix www.example.net/ (compared from 4)",
            "    tags         one and 2 more",
            "    groups       a b, c and 1 more",
        ])
        {
            Assert.Contains(line + "\n", run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_a_variant_is_and_where_it_came_from_is_shown()
    {
        ExplainedVariant memory = Stored.Variants[0] with { Source = new ExplainedSource(FilledFrom.Shield, "lax/lax1", FromDisk: true) };
        Explanation answer = Stored with
        {
            Variants =
            [
                memory,
                memory with { Tier = StorageTier.Disk, IsSelected = false, Source = new ExplainedSource(FilledFrom.Origin, "https://o.example.net", FromDisk: true) },
                memory with { Tier = StorageTier.Disk, IsSelected = false, Source = null },
            ],
            DiskVariantCount = 3,
            DiskNote = "not served yet",
        };
        (CliRun run, _) = await RunAsync(Reply(new EdgeExplanation { Edge = "waw1", Outcome = AnswerOutcome.Answered, Explanation = answer }));
        foreach (string line in (string[])
        [
            "  stored       1 variant in memory, 3 on disk, 3 shown",
            "  disk         not served yet",
            "  variant 200, 2.0 KiB on disk",
            "    from         shield lax/lax1, then this edge's disk",
            "    from         origin https://o.example.net, then this edge's disk",
            "    from         this edge's disk",
        ])
        {
            Assert.Contains(line + "\n", run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Json_is_the_answer_as_it_came()
    {
        (CliRun run, _) = await RunAsync(Reply(Answered("waw1")), "--json");
        ExplainReply reply = JsonSerializer.Deserialize(run.Out, ContractsJson.Default.ExplainReply)!;
        Assert.Equal(LifetimeSource.SharedMaxAge, reply.Edges[0].Explanation!.Variants[0].LifetimeSource);
        Assert.Contains("\"verdict\":\"StaleWhileRevalidate\"", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edges_without_an_answer_are_named_and_decide_the_exit_code()
    {
        (CliRun partial, _) = await RunAsync(Reply(Answered("waw1"), Missing("waw2", AnswerOutcome.NotConnected)));
        Assert.Equal(3, partial.ExitCode);
        Assert.Contains("waw/waw2 (not connected)", partial.Error, StringComparison.Ordinal);
        (CliRun none, _) = await RunAsync(Reply(Missing("waw1", AnswerOutcome.NoAnswer)));
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("waw/waw1 (connected, but silent)", none.Error, StringComparison.Ordinal);
        Assert.Empty(none.Out);
    }

    [Fact]
    public async Task A_field_without_a_colon_is_wrong_usage()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        CliRun run = await api.RunAsync("explain", "http://h/", "--pop", "waw", "--header", "gzip");
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(api.Requests);
    }
}
