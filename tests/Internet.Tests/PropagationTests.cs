using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Internet.Routes;

namespace OrleansCdn.Internet.Tests;

public sealed class PropagationTests
{
    private const int Seed = 20261126;

    /// <summary>Some ten seconds on a small machine.</summary>
    private const int Rounds = 4_000;

    [Fact]
    public void A_naive_BGP_comes_to_the_same_routes_in_whatever_order_it_decides()
    {
        int routes = 0;
        for (int i = 0; i < Rounds; i++)
        {
            var random = new Random(Seed + i);
            (AsGraph graph, ImmutableArray<OriginRoute> origins) = RandomInternet.Make(random);
            RoutingTable table = RoutingTable.Of(graph, origins, RandomInternet.Catalogue);
            var naive = new NaiveBgp(graph, origins);
            Assert.True(naive.Run(random), $"seed {Seed + i}: never at rest");
            for (int point = 0; point < graph.PointCount; point++)
            {
                Assert.True(Text(naive.Best[point], origins) == Text(table.RouteAt(point)), $"seed {Seed + i}, point {point}: {Text(naive.Best[point], origins)} and {Text(table.RouteAt(point))}");
                routes += naive.Best[point] is null ? 0 : 1;
            }
        }

        Assert.True(routes > Rounds, "hardly any routes");
    }

    [Fact]
    public void With_routes_that_are_about_to_go_the_outcome_is_one_that_BGP_stays_in()
    {
        int going = 0;
        for (int i = 0; i < Rounds; i++)
        {
            var random = new Random(Seed - 1 - i);
            (AsGraph graph, ImmutableArray<OriginRoute> origins) = RandomInternet.Make(random, isGoing: true);
            RoutingTable table = RoutingTable.Of(graph, origins, RandomInternet.Catalogue);
            var naive = new NaiveBgp(graph, origins);
            for (int point = 0; point < graph.PointCount; point++)
            {
                naive.Best[point] = Held(origins, table, point);
                going += naive.Best[point] is { IsGoing: true } ? 1 : 0;
            }

            for (int network = 0; network < graph.Networks.Length; network++)
            {
                (int first, int end) = graph.PointsOf(network);
                naive.Decide(network);
                for (int point = first; point < end; point++)
                {
                    Assert.True(Text(naive.Best[point], origins) == Text(table.RouteAt(point)), $"seed {Seed - 1 - i}, point {point}: {Text(naive.Best[point], origins)} and {Text(table.RouteAt(point))}");
                }
            }
        }

        Assert.True(going > Rounds / 10, "hardly any of them were used");
    }

    [Fact]
    public void What_a_network_uses_is_among_what_it_hears_and_the_best_of_it()
    {
        for (int i = 0; i < Rounds / 10; i++)
        {
            (AsGraph graph, ImmutableArray<OriginRoute> origins) = RandomInternet.Make(new Random(Seed + i));
            RoutingTable table = RoutingTable.Of(graph, origins, RandomInternet.Catalogue);
            for (int network = 0; network < graph.Networks.Length; network++)
            {
                ImmutableArray<HeldRoute> heard = [.. table.HeardBy(network).Where(h => !h.Path.Contains(graph.Networks[network].Asn))];
                HeldRoute? used = table.RouteAt(graph.PointsOf(network).First);
                Assert.Equal(used is null, heard.IsEmpty);
                if (used is not null)
                {
                    Assert.Contains(heard, h => Text(h) == Text(used) && h.Preference == used.Preference);
                    Assert.Equal(heard.Max(h => h.Preference), used.Preference);
                    Assert.Equal(heard.Where(h => h.Preference == used.Preference).Min(h => h.Path.Length), used.Path.Length);
                    Assert.Contains(used.Origin.Pop, table.PopsOf(network));
                }
            }
        }
    }

    private static NaiveBgp.Held? Held(ImmutableArray<OriginRoute> origins, RoutingTable table, int point)
    {
        if (table.RouteAt(point) is not { } route)
        {
            return null;
        }

        // The exit and the neighbour's point do not matter to those who are told.
        bool isGoing = route.Preference == RoutePreference.Going;
        Relation from = route.Preference switch
        {
            RoutePreference.FromCustomer => Relation.Customer,
            RoutePreference.FromPeer => Relation.Peer,
            RoutePreference.FromProvider => Relation.Provider,
            _ => route.Origin.Kind == Contracts.Config.UpstreamKind.Transit ? Relation.Customer : Relation.Peer,
        };
        return new NaiveBgp.Held(from, isGoing, route.Path, origins.IndexOf(route.Origin), point, -1);
    }

    private static string Text(NaiveBgp.Held? held, ImmutableArray<OriginRoute> origins) =>
        held is null ? "nothing" : string.Create(CultureInfo.InvariantCulture, $"{origins[held.Origin].Pop} {string.Join(' ', held.Path)}");

    private static string Text(HeldRoute? route) => route is null ? "nothing" : $"{route.Origin.Pop} {string.Join(' ', route.Path)}";
}
