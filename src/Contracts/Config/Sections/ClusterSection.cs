using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class ClusterSection
{
    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must(
        "name", Tokens.HttpToken, "The CDN's name in `Via` and `CDN-Loop`. Each CDN needs its own: by it a request that went in a circle is recognised.");

    public static readonly ScalarKey<uint> Asn = ScalarKey<uint>.Optional(
        "asn", Numbers.Asn, "nothing is announced", "Your own AS number. Needed for prefixes and upstreams.");

    public static readonly ListKey<IPNetwork> Prefixes = new(
        "prefixes", OwnPrefixes.Prefix, 0, ConfigLimits.Prefixes, "The anycast prefixes that may be announced. Nothing else ever is.");

    public static readonly SectionKey Failover = new(
        "failover", RouteFailoverSection.Table, "the defaults of its keys", "When a server's routes are withdrawn, and when they come back.");

    public static readonly KeyTable Table = new("cluster", [Name, Asn, Prefixes, Failover]);

    public static ClusterConfig Bind(MapReader keys, FileFacts facts)
    {
        Found<string> name = keys.Read(Name);
        Found<uint> asn = keys.Read(Asn);
        ImmutableArray<Found<IPNetwork>> prefixes = keys.Read(Prefixes);
        var seen = new HashSet<IPNetwork>();
        foreach (Found<IPNetwork> prefix in prefixes)
        {
            if (!seen.Add(prefix.Value))
            {
                facts.Errors.Add(prefix.Node!, "is given twice", "each prefix once");
            }
        }

        facts.AsnIsMissing = asn is { Node: null, Valid: true };
        if (facts.AsnIsMissing && prefixes.Length > 0)
        {
            keys.Report("has prefixes and no AS number to announce them from", "asn with your own AS number, or no prefixes");
            facts.AsnIsMissing = false;
        }

        return new ClusterConfig
        {
            Name = name.Value,
            Asn = asn.Given ? asn.Value : null,
            Prefixes = [.. prefixes.Select(prefix => prefix.Value)],
            Failover = keys.Section(Failover) is MapReader failover ? RouteFailoverSection.Bind(failover, facts) : RouteFailoverConfig.Default,
        };
    }
}
