using System.Collections.Immutable;
using System.Text.Json;
using OrleansCdn.Cli.Lab;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Intent;
using OrleansCdn.Testing;

namespace OrleansCdn.Cli.Tests.Commands;

/// <summary>The API's answers are those of the example network; the forecast is made here.</summary>
public sealed class RouteWhatIfCommandTests
{
    private static readonly CdnConfig Config = RoutingCheck.Read(ExampleNetwork.Read()).Config!;

    private static async Task<ScriptedApi> ApiAsync()
    {
        ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Config, Samples.Version(ExampleNetwork.Read()), ContractsJson.Default.ConfigVersionReply);
        api.Answer("GET", ApiRoutes.Routes, Routes(), ContractsJson.Default.RoutesReply);
        api.Answer("POST", ApiRoutes.RouteChanges, Change(), ContractsJson.Default.RouteChangeReply);
        return api;
    }

    [Fact]
    public async Task Who_moves_is_shown_and_nothing_is_changed()
    {
        await using ScriptedApi api = await ApiAsync();
        CliRun run = await api.RunAsync("route", "whatif", "lax", "--carrier", "2914", "default");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("sees now  64500, 64600:2914 ", run.Out, StringComparison.Ordinal);
        Assert.Contains("2001:db8:1000::/48 in The lab's internet:\n", run.Out, StringComparison.Ordinal);
        Assert.Matches(@"Thames Broadband +│ London +│ waw +│ NTT, Cogent, Vultr +│ lax +│ NTT, Vultr", run.Out);
        Assert.DoesNotContain("Norrsken", run.Out, StringComparison.Ordinal);
        Assert.Matches("uncertain +│ +[0-9]+ │", run.Out);
        RouteChangeRequest sent = JsonSerializer.Deserialize(Assert.Single(api.Requests, r => r.Method == "POST").Body, ContractsJson.Default.RouteChangeRequest)!;
        Assert.Equal(("lax", "2914", RouteAction.Default, true, true), (sent.Pop, sent.Carrier, sent.Action, sent.DryRun, sent.Force));
    }

    [Fact]
    public async Task Json_has_every_vantage_point_before_and_after()
    {
        await using ScriptedApi api = await ApiAsync();
        CliRun run = await api.RunAsync("route", "whatif", "lax", "--carrier", "2914", "default", "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement prefix = Assert.Single(JsonDocument.Parse(run.Out).RootElement.GetProperty("prefixes").EnumerateArray());
        JsonElement london = Assert.Single(prefix.GetProperty("shown").EnumerateArray(), s => s.GetProperty("after").GetProperty("place").GetString() == "London");
        Assert.Equal(("waw", "lax"), (london.GetProperty("before").GetProperty("pop").GetString(), london.GetProperty("after").GetProperty("pop").GetString()));
        Assert.Equal("2914 20473 64500", london.GetProperty("after").GetProperty("asPath").GetString());
        Assert.True(prefix.GetProperty("moved").GetInt32() > 0);
    }

    [Fact]
    public async Task A_graph_of_CAIDA_shows_the_networks_that_were_asked_for()
    {
        await using ScriptedApi api = await ApiAsync();
        string file = Write("174|1299|0\n174|2914|0\n1299|2914|0\n174|20473|-1\n1299|20473|-1\n2914|20473|-1\n1299|6939|-1\n174|12129|-1\n2914|4200000999|-1\n");
        CliRun run = await api.RunAsync("route", "whatif", "lax", "--carrier", "2914", "default", "--graph", file, "--from", "4200000999");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("1 of 1 network moves to another PoP.", run.Out, StringComparison.Ordinal);

        // NTT's peers are equally near in a graph without places, and Cogent's own customers too.
        Assert.Matches(@"AS4200000999 +│ +│ .* │ AS2914, AS174, AS[0-9]+ +│ lax +│ AS2914, AS20473", run.Out);
    }

    [Theory]
    [InlineData("174|1299|0\n", new[] { "--from", "99" }, 1, "not in graph.txt: AS99")]
    [InlineData("174|1299\n", new string[0], 1, "graph.txt: line 1: it has 2 parts")]
    [InlineData("174|20473|-1\n", new string[0], 3, "grr/hurricane-electric (AS6939) is not in this graph")]
    public async Task What_cannot_be_told_is_said(string graph, string[] more, int exitCode, string error)
    {
        await using ScriptedApi api = await ApiAsync();
        CliRun run = await api.RunAsync(["route", "whatif", "lax", "prepend", "1", "--graph", Write(graph), .. more]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Graphs_with_mistakes_are_named_with_their_lines()
    {
        await using ScriptedApi api = await ApiAsync();
        CliRun run = await api.RunAsync("route", "whatif", "lax", "prepend", "1", "--graph", Write("name: x\n", "graph.yaml"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("graph.yaml:1:1: networks: is missing", run.Error, StringComparison.Ordinal);
        run = await api.RunAsync("route", "whatif", "lax", "prepend", "1", "--graph", "/nowhere/graph.txt");
        Assert.Contains("cannot read /nowhere/graph.txt", run.Error, StringComparison.Ordinal);
        run = await api.RunAsync("route", "whatif", "lax", "prepend", "9");
        Assert.Equal((2, true), (run.ExitCode, run.Error.Contains("prepend takes a number from 0 to 5", StringComparison.Ordinal)));
    }

    private static string Write(string text, string name = "graph.txt")
    {
        string file = Path.Combine(TestDirectory.New("graph"), name);
        File.WriteAllText(file, text);
        return file;
    }

    private static RoutesReply Routes() => new()
    {
        ConfigVersion = 1,
        Asn = Config.Cluster.Asn,
        Pops =
        [
            .. Config.Pops.Select(pop => new PopRoutes
            {
                Pop = pop.Id,
                Announcers = [],
                Upstreams =
                [
                    .. pop.Upstreams.Select(u => new UpstreamRoutes
                    {
                        Upstream = u.Id,
                        Kind = u.Kind,
                        Asn = u.Asn,
                        Provider = u.Provider,
                        Servers = [],
                        Version = 0,
                        Intent = RouteIntent.Empty,
                        Revision = 1,
                        Desired = Seen(u, RouteIntent.Empty),
                        Observed = [],
                        Difference = [],
                    }),
                ],
            }),
        ],
    };

    private static RouteChangeReply Change()
    {
        UpstreamConfig vultr = Config.FindPop("lax")!.Upstreams.Single();
        return new RouteChangeReply
        {
            DryRun = true,
            Upstreams =
            [
                new RouteChangeAt
                {
                    Pop = "lax",
                    Upstream = "vultr",
                    State = RouteChangeState.DryRun,
                    Version = 0,
                    Revision = 1,
                    Preview = new RoutePreview
                    {
                        Before = Seen(vultr, RouteIntent.Empty),
                        After = Seen(vultr, new RouteIntent { Carriers = [new CarrierIntent(2914, 0, Withdraw: false)] }),
                        Changes = [],
                        Explanation = [],
                    },
                },
            ],
        };
    }

    private static ImmutableArray<SeenRoute> Seen(UpstreamConfig upstream, RouteIntent intent)
    {
        (DesiredUpstream desired, _) = RouteCompiler.ToDesired(Config, upstream, intent, 1);
        return
        [
            .. desired.Routes.Select(r => new SeenRoute
            {
                Prefix = r.Prefix,
                Announced = true,
                AsPath = string.Join(' ', Enumerable.Repeat(Config.Cluster.Asn, r.Prepend + 1)),
                Communities = r.Communities,
            }),
        ];
    }
}
