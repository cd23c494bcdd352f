using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Steering;

namespace OrleansCdn.Dns.Tests.Steering;

/// <summary>The chain as the documentation tells it, one address at a time, over plain lists: no trie, and nothing shared with the compiler.</summary>
internal sealed class NaiveSteering(SteeringPolicy policy, List<(IPNetwork Network, GeoRecord Record)> places, List<(IPNetwork Network, uint Asn)> networks, RttTable rtt, DateTimeOffset now)
{
    public string Choose(IPAddress address)
    {
        if (Longest(policy.Prefixes, p => p.Prefix, address) is { } prefix)
        {
            return Completed(prefix.Pops);
        }

        bool isSpecial = SpecialPurposeAddresses.Contains(address) || address.IsIPv4MappedToIPv6 || IPNetwork.Parse("64:ff9b::/96").Contains(address);

        // What was written last counts.
        GeoRecord place = isSpecial ? GeoRecord.Nothing : places.LastOrDefault(p => p.Network.Contains(address), (default, GeoRecord.Nothing)).Record;
        uint asn = isSpecial ? 0 : networks.LastOrDefault(n => n.Network.Contains(address)).Asn;
        if (policy.Asns.FirstOrDefault(a => asn != 0 && a.Asn == asn) is { } network)
        {
            return Completed(network.Pops);
        }

        foreach (SteeringRule rule in policy.Rules)
        {
            bool matches = (!rule.Continent.IsKnown || rule.Continent == place.Continent)
                && (rule.Countries.IsEmpty || rule.Countries.Any(c => c == place.Country))
                && (rule.RegisteredCountries.IsEmpty || rule.RegisteredCountries.Any(c => c == place.RegisteredCountry))
                && (rule.Asns.IsEmpty || rule.Asns.Any(a => a == asn));
            if (matches)
            {
                return Completed(rule.Pops);
            }
        }

        string[] order = place.HasCoordinates
            ? [.. policy.Pops.OrderBy(p => GreatCircle.Kilometres(p.Latitude, p.Longitude, place.Latitude, place.Longitude)).Take(3).Select(p => p.Id)]
            : [];
        order = Completed([.. order]).Split(' ');
        if (!isSpecial && Longest(Usable(), r => r.Network, address) is { } row)
        {
            double? current = row.Medians.Where(m => m.Pop == order[0]).Select(m => (double?)m.Milliseconds).FirstOrDefault();
            RttMedian best = row.Medians.OrderBy(m => m.Milliseconds).ThenBy(m => policy.Pops.Select(p => p.Id).ToList().IndexOf(m.Pop)).First();
            if (current is { } ms && ms - best.Milliseconds >= Math.Max(10, ms / 10))
            {
                order = [best.Pop, .. order.Where(p => p != best.Pop)];
            }
        }

        return string.Join(' ', order);
    }

    private ImmutableArray<RttRow> Usable() =>
    [
        .. rtt.Rows
            .Select(r => r with { Medians = [.. r.Medians.Where(m => m.Samples >= 20 && m.Newest >= now.AddDays(-7))] })
            .Where(r => !r.Medians.IsEmpty),
    ];

    private string Completed(ImmutableArray<string> pops) => string.Join(' ', pops.Concat(policy.Default).Concat(policy.Pops.Select(p => p.Id)).Distinct());

    /// <summary>Mapped IPv4 is not asked about as IPv6; .NET takes it for IPv4.</summary>
    private static T? Longest<T>(ImmutableArray<T> all, Func<T, IPNetwork> prefix, IPAddress address)
        where T : class =>
        all.Where(item => !address.IsIPv4MappedToIPv6 && prefix(item).Contains(address)).OrderBy(item => prefix(item).PrefixLength).LastOrDefault();
}
