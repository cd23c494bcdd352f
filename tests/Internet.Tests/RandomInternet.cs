using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Internet.Routes;
using OrleansCdn.Routing.Catalogue;

namespace OrleansCdn.Internet.Tests;

/// <summary>Small worlds in which everything happens: several places, several PoPs, prepends, withdrawals, peers.</summary>
internal static class RandomInternet
{
    /// <summary>Every network of these worlds understands the same communities.</summary>
    public static ProviderCatalogue Catalogue { get; } = ProviderCatalogue.Shipped.With(
        [.. Enumerable.Range(1, 64).Select(asn => Provider((uint)asn))]);

    public static (AsGraph Graph, ImmutableArray<OriginRoute> Origins) Make(Random random, bool isGoing = false)
    {
        Place[] places = [.. Enumerable.Range(0, 6).Select(i => new Place($"p{i}", $"p{i}", "", (random.NextDouble() * 140) - 70, (random.NextDouble() * 360) - 180))];
        int count = 3 + random.Next(12);
        bool hasPlaces = random.Next(4) > 0;
        ImmutableArray<Network> networks =
        [
            .. Enumerable.Range(1, count).Select(asn => new Network(
                (uint)asn, "", true, hasPlaces ? [.. places.OrderBy(_ => random.Next()).Take(1 + random.Next(4))] : [])),
        ];
        var links = new List<NetworkLink>();
        for (uint first = 1; first <= count; first++)
        {
            for (uint second = first + 1; second <= count; second++)
            {
                // Providers have lower numbers: nobody is its own provider's provider.
                switch (random.Next(6))
                {
                    case 0:
                        links.Add(new NetworkLink(first, second, true, random.Next(2) == 0));
                        break;
                    case 1 or 2:
                        links.Add(new NetworkLink(first, second, false, false));
                        break;
                }
            }
        }

        var origins = ImmutableArray.CreateBuilder<OriginRoute>();
        for (int i = 1 + random.Next(4); i > 0; i--)
        {
            uint neighbor = (uint)(1 + random.Next(count));
            Community[] communities =
            [
                .. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(2) == 0 ? NaiveBgp.Withdraw((ushort)(1 + random.Next(count))) : NaiveBgp.Prepend((ushort)(1 + random.Next(count)))),
                .. random.Next(8) == 0 ? [Community.NoExport] : (Community[])[],
                .. isGoing && random.Next(2) == 0 ? [Community.GracefulShutdown] : (Community[])[],
            ];
            uint[] path = [64500, .. Enumerable.Repeat(64500u, random.Next(3)), .. random.Next(6) == 0 ? [(uint)(1 + random.Next(count))] : (uint[])[]];
            origins.Add(new OriginRoute
            {
                Pop = string.Create(CultureInfo.InvariantCulture, $"pop{i}"),
                Upstream = "u",
                At = places[random.Next(places.Length)],

                // Who is customer and peer of one network at once has no order among its routes that are about to go.
                Kind = (isGoing ? (int)neighbor : random.Next(3)) % 3 == 0 ? UpstreamKind.Peer : UpstreamKind.Transit,
                SessionAsn = neighbor,
                NetworkAsn = neighbor,
                Provider = Provider(neighbor),
                Path = [.. path],
                Communities = [.. communities.Distinct()],
            });
        }

        var file = new GraphFile { Name = "random", Networks = networks, Links = [.. links] };
        return (AsGraphBuilder.Build(file, [.. origins.Select(o => new SessionPlace(o.SessionAsn, o.At, []))]), origins.ToImmutable());
    }

    private static ProviderConfig Provider(uint asn) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"n{asn}"),
        Name = "n",
        Asn = asn,
        Source = "here",
        Date = default,
        EachCarrier = new ProviderCarriersConfig { Withdraw = ["64600:{asn}"], Prepend = [["64601:{asn}"], ["64602:{asn}"]] },
    };
}
