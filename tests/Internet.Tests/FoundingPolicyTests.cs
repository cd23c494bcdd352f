using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Catchments;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Internet.Routes;
using OrleansCdn.Routing.Catalogue;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Internet.Tests;

/// <summary>The example network in the lab's internet: what its policy is for.</summary>
public sealed class FoundingPolicyTests
{
    private static readonly CdnConfig Config = Read();

    [Fact]
    public void Without_the_policy_Europe_reaches_the_West_Coast_in_part()
    {
        ImmutableArray<Catchment> all = Catchments(policy: false);
        Assert.All(all, c => Assert.NotNull(c.Pop));
        Catchment[] europe = [.. all.Where(c => c.Region == "Europe")];
        Assert.Contains(europe, c => c is { Pop: "waw" });
        Assert.Contains(europe, c => c is { Pop: "lax", Or: [] });
        Assert.Equal("2914 20473 64500", Of(all, "Thames Broadband").AsPath);

        // Cogent and NTT tell it two paths of one length, to two PoPs: which it takes, nobody can tell.
        Assert.Equal(("waw", "lax"), (Of(all, "Main Fiber").Pop, Assert.Single(Of(all, "Main Fiber").Or)));
        Assert.Equal(["waw", "lax"], Of(all, "Main Fiber").Heard.Select(h => h.Pop));
    }

    [Fact]
    public void Networks_are_counted_by_the_PoP_that_they_surely_reach()
    {
        AsGraph graph = Graph();
        RoutingTable table = RoutingTable.Of(graph, Origins(policy: false, new RouteIntent()), ProviderCatalogue.Shipped);
        CatchmentTotals totals = CatchmentTotals.Of(table);
        Assert.Equal(graph.Networks.Length, totals.Networks);
        Assert.Equal(totals.Networks, totals.Uncertain + totals.Unreached + totals.Pops.Sum(p => p.Networks));
        Assert.Equal(Enumerable.Range(0, graph.Networks.Length).Count(n => table.PopsOf(n).Length > 1), totals.Uncertain);

        // Cogent reaches each PoP from some of its towns.
        Assert.Equal(["grr", "lax", "waw"], table.PopsOf(graph.IndexOf(174)).AsEnumerable());
    }

    [Fact]
    public void With_it_Europe_goes_to_Warsaw_and_America_stays()
    {
        ImmutableArray<Catchment> all = Catchments(policy: true);
        Assert.All(all.Where(c => c.Region == "Europe"), c => Assert.Equal("waw", c.Pop));
        Assert.All(all.Where(c => c.Region == "North America"), c => Assert.Contains(c.Pop, (string[])["lax", "grr"]));
        Assert.Contains(all, c => c is { Region: "North America", Pop: "lax" });
        Assert.Contains(all, c => c is { Region: "North America", Pop: "grr" });

        // NTT no longer has it from its customer Vultr, and takes it from the peer with the lowest number.
        Assert.Equal("2914 174 20473 64500", Of(all, "Thames Broadband").AsPath);
        Assert.Equal("NTT, Cogent, Vultr", Of(all, "Thames Broadband").Way);

        // Cogent's own customer in Grand Rapids is nearer to New York; in Europe it is Warsaw, with a path of the same length.
        Assert.Equal("grr", Of(all, "Hudson Cable").Pop);
        Assert.Equal("174 20473 64500", Of(all, "Seine Telecom").AsPath);
        Assert.Empty(Of(all, "Seine Telecom").Or);
    }

    [Fact]
    public void Each_prepend_and_the_withdrawal_are_read_as_their_provider_means_them()
    {
        AsGraph graph = Graph();
        RoutingTable table = RoutingTable.Of(graph, Origins(policy: true, new RouteIntent()), ProviderCatalogue.Shipped);
        Assert.Equal((RoutePreference.FromCustomer, 3), State(table, 3356));
        Assert.Equal((RoutePreference.FromCustomer, 3), State(table, 7018));
        Assert.Equal((RoutePreference.FromCustomer, 2), State(table, 174));
        Assert.Equal((RoutePreference.FromPeer, 3), State(table, 2914));
        Assert.Equal((RoutePreference.FromCustomer, 2), State(table, 6939));
        Assert.Equal("20473 20473 64500", string.Join(' ', table.RouteAt(graph.PointsOf(graph.IndexOf(3356)).First)!.Path));
    }

    [Fact]
    public void Withdrawing_Los_Angeles_leaves_nobody_without_a_PoP()
    {
        ImmutableArray<Catchment> all = Catchments(policy: true, new RouteIntent { Announce = false });
        Assert.All(all, c => Assert.Contains(c.Pop, (string[])["waw", "grr"]));
        Assert.Equal("waw", Of(all, "Thames Broadband").Pop);
    }

    [Fact]
    public void NTT_announced_to_again_brings_Los_Angeles_back_to_London()
    {
        ImmutableArray<Catchment> all = Catchments(policy: true, new RouteIntent { Carriers = [new CarrierIntent(2914, 0, false)] });
        Assert.Equal("lax", Of(all, "Thames Broadband").Pop);
    }

    [Fact]
    public void No_export_keeps_a_route_at_its_upstream()
    {
        AsGraph graph = Graph();
        RoutingTable table = RoutingTable.Of(graph, [.. Origins(false, new RouteIntent { NoExport = true }).Where(o => o.Pop == "lax")], ProviderCatalogue.Shipped);
        Assert.Equal(RoutePreference.FromCustomer, table.PreferenceOf(graph.IndexOf(20473)));
        Assert.Equal(1, Enumerable.Range(0, graph.Networks.Length).Count(n => table.PreferenceOf(n) != RoutePreference.None));
    }

    [Fact]
    public void At_exchanges_alone_peers_there_hear_it_and_carriers_do_not()
    {
        AsGraph graph = Graph();
        RoutingTable table = RoutingTable.Of(graph, [.. Origins(false, new RouteIntent { IxpOnly = true }).Where(o => o.Pop == "lax")], ProviderCatalogue.Shipped);
        string[] who = [.. graph.Networks.Where((_, n) => table.PreferenceOf(n) != RoutePreference.None).Select(n => n.Name)];
        Assert.Equal(["Vultr", "Vistula Net", "Pacific Cable"], who);
    }

    [Fact]
    public void A_PoP_about_to_go_is_left_where_there_is_another_and_used_where_there_is_none()
    {
        var going = new RouteIntent { GracefulShutdown = true };
        ImmutableArray<Catchment> all = Catchments(policy: true, going);
        Assert.All(all, c => Assert.NotEqual("lax", c.Pop));
        AsGraph graph = Graph();
        RoutingTable alone = RoutingTable.Of(graph, [.. Origins(true, going).Where(o => o.Pop == "lax")], ProviderCatalogue.Shipped);
        Assert.Equal(RoutePreference.Going, alone.PreferenceOf(graph.IndexOf(20473)));
        Assert.All(Catchment.OfVantages(alone), c => Assert.Equal("lax", c.Pop));
    }

    [Fact]
    public void What_a_vantage_point_hears_shows_why()
    {
        Catchment london = Of(Catchments(policy: true), "Polder Online");
        Assert.Equal([true, false, false], london.Heard.Select(h => h.IsUsed));
        Assert.All(london.Heard, h => Assert.Equal(RoutePreference.FromProvider, h.Preference));
        Assert.Equal(["Arelion, Vultr", "NTT, Cogent, Vultr", "Lumen, Vultr"], london.Heard.Select(h => h.Way));
    }

    private static Catchment Of(ImmutableArray<Catchment> all, string name) => Assert.Single(all, c => c.Name == name);

    private static (RoutePreference, int) State(RoutingTable table, uint asn) => (table.PreferenceOf(table.Graph.IndexOf(asn)), table.LengthOf(table.Graph.IndexOf(asn)));

    private static ImmutableArray<Catchment> Catchments(bool policy, RouteIntent? lax = null) =>
        Catchment.OfVantages(RoutingTable.Of(Graph(), Origins(policy, lax ?? new RouteIntent()), ProviderCatalogue.Shipped));

    private static AsGraph Graph() => AsGraphBuilder.Build(
        GraphReader.Lab,
        [.. Config.Pops.SelectMany(p => p.Upstreams.Select(u => OriginRoute.SessionPlaceOf(Config, p, u)))]);

    /// <param name="policy">False: every prepend and withdrawal of the config is taken away.</param>
    /// <param name="lax">What is set at lax/vultr over it.</param>
    private static ImmutableArray<OriginRoute> Origins(bool policy, RouteIntent lax)
    {
        IPNetwork prefix = Config.Cluster.Prefixes[0];
        var origins = ImmutableArray.CreateBuilder<OriginRoute>();
        foreach (PopConfig pop in Config.Pops)
        {
            foreach (UpstreamConfig asConfigured in pop.Upstreams)
            {
                UpstreamConfig upstream = policy ? asConfigured : asConfigured with { Prepend = 0, Carriers = [.. asConfigured.Carriers.Select(c => c with { Prepend = 0, Withdraw = false })] };
                CompiledPolicy compiled = RouteCompiler.Compile(
                    Config.Cluster.Asn!.Value, [prefix], RoutePolicy.Merge(upstream, pop.Id == "lax" ? lax : new RouteIntent()), ProviderCatalogue.Shipped);
                Assert.Empty(compiled.Errors);
                origins.AddRange(compiled.Routes.Select(r => OriginRoute.Of(
                    Config, pop, upstream, [.. Enumerable.Repeat(Config.Cluster.Asn!.Value, 1 + r.Prepend)], r.Communities)));
            }
        }

        return origins.ToImmutable();
    }

    private static CdnConfig Read([System.Runtime.CompilerServices.CallerFilePath] string thisFile = "")
    {
        string yaml = File.ReadAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../examples/three-pops.yaml"));
        return RoutingCheck.Read(yaml).Config!;
    }
}
