using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <param name="Pop">PoP id.</param>
/// <param name="Upstream">In the config in force.</param>
/// <param name="Set">What is set there.</param>
internal sealed record RouteTarget(string Pop, UpstreamConfig Upstream, IntentChange Set)
{
    public string Name => $"{Pop}/{Upstream.Id}";
}

/// <summary>Finds the upstreams that a request means. Pure.</summary>
internal static class RouteTargets
{
    /// <returns>The targets, in the order of the config; or why there are none and what there is.</returns>
    public static (ImmutableArray<RouteTarget> Targets, string? Error) Of(RouteChangeRequest request, CdnConfig config)
    {
        PopConfig[] pops = [.. config.Pops.Where(p => request.Pop == RouteChangeRequest.AllPops || p.Id == request.Pop)];
        if (pops.Length == 0)
        {
            return ([], $"there is no PoP '{request.Pop}': the config has {Names(config.Pops.Select(p => p.Id))}, and '{RouteChangeRequest.AllPops}' means all");
        }

        (PopConfig Pop, UpstreamConfig Upstream)[] upstreams =
            [.. pops.SelectMany(p => p.Upstreams.Where(u => request.Upstream is null || u.Id == request.Upstream).Select(u => (p, u)))];
        if (upstreams.Length == 0)
        {
            string[] known = [.. pops.SelectMany(p => p.Upstreams.Select(u => $"{p.Id}/{u.Id}"))];
            return ([], request.Upstream is null
                ? $"PoP '{request.Pop}' has no upstreams"
                : $"there is no upstream '{request.Upstream}' at '{request.Pop}': {(known.Length == 0 ? "it has none" : "there is " + Names(known))}");
        }

        (IntentChange? set, string? error) = Change(request, config);
        if (set is null)
        {
            return ([], error);
        }

        if (request.Carrier is null)
        {
            return ([.. upstreams.Select(u => new RouteTarget(u.Pop.Id, u.Upstream, set))], null);
        }

        return Carrier(request, request.Carrier, set, config, upstreams);
    }

    private static (ImmutableArray<RouteTarget>, string?) Carrier(
        RouteChangeRequest request, string text, IntentChange set, CdnConfig config, (PopConfig Pop, UpstreamConfig Upstream)[] upstreams)
    {
        if (CarrierAsn(text, config) is not { } asn)
        {
            IEnumerable<string> names = config.Pops.SelectMany(p => p.Upstreams).SelectMany(u => u.Carriers).Select(c => c.Name).Distinct();
            return ([], $"no carrier '{text}' is in the config, which has {Names(names)}: give one of them, or an AS number");
        }

        // A neighbour that is the carrier sees it directly; others are told by community.
        ImmutableArray<RouteTarget> targets =
        [
            .. upstreams
                .Where(u => u.Upstream.Asn == asn || request.Upstream is not null || u.Upstream.Carriers.Any(c => c.Asn == asn))
                .Select(u => new RouteTarget(u.Pop.Id, u.Upstream, u.Upstream.Asn == asn ? set : set with { Carrier = asn })),
        ];
        return targets.IsEmpty
            ? ([], $"no upstream at '{request.Pop}' names carrier {text} in the config: say which one is to be told, for example {upstreams[0].Pop.Id}/{upstreams[0].Upstream.Id}")
            : (targets, null);
    }

    /// <summary>By number, or by the name that the config gives a carrier or an upstream.</summary>
    private static uint? CarrierAsn(string text, CdnConfig config)
    {
        string digits = text.StartsWith("AS", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        if (uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint asn) && asn > 0)
        {
            return asn;
        }

        UpstreamConfig[] upstreams = [.. config.Pops.SelectMany(p => p.Upstreams)];
        return upstreams.SelectMany(u => u.Carriers).FirstOrDefault(c => c.Name == text)?.Asn ?? upstreams.FirstOrDefault(u => u.Id == text)?.Asn;
    }

    private static (IntentChange? Change, string? Error) Change(RouteChangeRequest request, CdnConfig config)
    {
        if (!Enum.IsDefined(request.Action))
        {
            return (null, "'action' is not one of " + string.Join(", ", Enum.GetNames<RouteAction>()));
        }

        if (request.Action == RouteAction.Prepend && request.Prepend is not (>= 0 and <= 5))
        {
            return (null, $"'prepend' is {request.Prepend?.ToString(CultureInfo.InvariantCulture) ?? "missing"}: 0 to 5 are allowed");
        }

        if (request.Action == RouteAction.Communities && request.Communities is null)
        {
            return (null, "'communities' is missing: an empty list sends none");
        }

        if (request.Communities is { Length: > RouteChangeRequest.MaxCommunities } many)
        {
            return (null, $"'communities' has {many.Length} entries, at most {RouteChangeRequest.MaxCommunities} are allowed");
        }

        var communities = ImmutableArray.CreateBuilder<Community>();
        foreach (string text in request.Communities ?? [])
        {
            if (!Community.TryParse(text, out Community community))
            {
                return (null, $"'{text}' is not a community: write 64500:120, 64500:1:120, rt:64500:120, ro:64500:120 or ext:0x0002fbf400000078");
            }

            communities.Add(community);
        }

        string? prefix = null;
        if (request.Prefix is { } asked)
        {
            if (!IPNetwork.TryParse(asked, out IPNetwork network) || !config.Cluster.Prefixes.Contains(network))
            {
                return (null, $"'{asked}' is not one of the prefixes that may be announced, which are {Names(config.Cluster.Prefixes.Select(p => p.ToString()))}");
            }

            prefix = network.ToString();
        }

        return (
            new IntentChange
            {
                Action = request.Action, Prefix = prefix, Prepend = request.Prepend ?? 0, On = request.On ?? true, Communities = communities.ToImmutable(),
            },
            null);
    }

    internal static string Names(IEnumerable<string> names)
    {
        string joined = QuotedNames.Of(names);
        return joined.Length == 0 ? "none" : joined;
    }
}
