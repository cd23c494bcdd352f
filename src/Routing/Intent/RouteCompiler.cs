using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Catalogue;

namespace OrleansCdn.Routing.Intent;

/// <summary>A policy as the routes that the upstream's neighbours are to see. Pure and deterministic.</summary>
public static class RouteCompiler
{
    /// <param name="ownAsn">The operator's AS number.</param>
    /// <param name="prefixes">The cluster's.</param>
    /// <param name="policy">What the upstream is to see.</param>
    /// <param name="catalogue">How its provider is told.</param>
    public static CompiledPolicy Compile(uint ownAsn, ImmutableArray<IPNetwork> prefixes, RoutePolicy policy, ProviderCatalogue catalogue)
    {
        var explanation = ImmutableArray.CreateBuilder<string>();
        ImmutableArray<IPNetwork> announced = [.. prefixes.Where(prefix => IsAnnounced(policy, prefix))];
        if (announced.IsEmpty)
        {
            // What is not announced can always be said.
            explanation.Add(policy.Announce.Value ? "no prefix is announced (operator)" : $"withdrawn from this upstream {By(policy.Announce.By)}");
            return new CompiledPolicy { Routes = [], Explanation = explanation.ToImmutable(), Errors = [] };
        }

        var spoken = new ProviderSpeech(policy, catalogue.Find(policy.Upstream.Provider), catalogue);
        spoken.SayAll();
        int prepend = Math.Max(policy.Prepend.Value, spoken.NeighborPrepend);
        explanation.Add($"announced {By(policy.Announce.By)}");
        if (policy.Prepend.Value > 0)
        {
            explanation.Add(string.Create(CultureInfo.InvariantCulture, $"prepend {policy.Prepend.Value} {By(policy.Prepend.By)}: AS{ownAsn} stands {policy.Prepend.Value + 1} times in the path"));
        }

        explanation.AddRange(spoken.Explanation);
        if (policy.GracefulShutdown)
        {
            explanation.Add($"graceful-shutdown (operator): {Community.GracefulShutdown} (RFC 8326)");
        }

        explanation.AddRange(policy.Prefixes.Where(p => prefixes.Contains(p.Prefix)).Select(Explain));
        if (spoken.WithdrawsFromNeighbor)
        {
            return new CompiledPolicy { Routes = [], Explanation = explanation.ToImmutable(), Errors = [] };
        }

        return new CompiledPolicy
        {
            Routes = spoken.Errors.IsEmpty ? [.. announced.Select(prefix => Route(prefix, policy, prepend, spoken.Communities))] : [],
            Explanation = explanation.ToImmutable(),
            Errors = spoken.Errors,
        };
    }

    /// <summary>As the announcers are told it.</summary>
    /// <param name="config">The config in force.</param>
    /// <param name="upstream">One of its upstreams.</param>
    /// <param name="intent">What an operator says over it.</param>
    /// <param name="revision">See <see cref="DesiredUpstream.Revision"/>.</param>
    /// <returns>Without routes when the policy cannot be expressed: look at <see cref="CompiledPolicy.Errors"/> first.</returns>
    public static (DesiredUpstream Desired, CompiledPolicy Compiled) ToDesired(CdnConfig config, UpstreamConfig upstream, RouteIntent intent, long revision)
    {
        ImmutableArray<DesiredSession> sessions = SessionPlan.Of(upstream, config.Cluster.Prefixes);
        CompiledPolicy compiled = Carried(sessions, Compile(
            config.Cluster.Asn ?? 0, config.Cluster.Prefixes, RoutePolicy.Merge(upstream, intent), ProviderCatalogue.Of(config)));
        var desired = new DesiredUpstream
        {
            Id = upstream.Id,
            Kind = upstream.Kind,
            Asn = upstream.Asn,
            Revision = revision,
            Sessions = sessions,
            Routes = compiled.Routes,
        };
        return (desired, compiled);
    }

    /// <summary>Without the prefixes whose family none of the sessions has: they are no paths, and must not be counted as such.</summary>
    private static CompiledPolicy Carried(ImmutableArray<DesiredSession> sessions, CompiledPolicy compiled)
    {
        DesiredRoute[] lost = [.. compiled.Routes.Where(route => !sessions.Any(session => session.Carries(route.Prefix)))];
        return lost.Length == 0 ? compiled : compiled with
        {
            Routes = compiled.Routes.RemoveRange(lost),
            Explanation = [.. compiled.Explanation, .. lost.Select(route => $"{route.Prefix} is not announced: no session with this upstream carries its family (families in the config)")],
        };
    }

    internal static string By(PolicySource source) => source == PolicySource.Config ? "(config)" : "(operator)";

    private static PrefixIntent? Own(RoutePolicy policy, IPNetwork prefix) => policy.Prefixes.FirstOrDefault(p => p.Prefix == prefix);

    private static bool IsAnnounced(RoutePolicy policy, IPNetwork prefix) => policy.Announce.Value && (Own(policy, prefix)?.Announce ?? true);

    private static DesiredRoute Route(IPNetwork prefix, RoutePolicy policy, int prepend, IEnumerable<Community> communities)
    {
        PrefixIntent? own = Own(policy, prefix);
        return new DesiredRoute
        {
            Prefix = prefix,
            Prepend = own?.Prepend ?? prepend,
            Communities =
            [
                .. communities.Concat(own?.Communities ?? []).Concat(policy.GracefulShutdown ? [Community.GracefulShutdown] : [])
                    .Distinct().Order(Comparer<Community>.Create(Community.Compare)),
            ],
        };
    }

    private static string Explain(PrefixIntent own)
    {
        IEnumerable<string> parts = new[]
        {
            own.Announce switch { false => "withdrawn", true => "announced", null => null },
            own.Prepend is { } times ? string.Create(CultureInfo.InvariantCulture, $"prepend {times} in place of the upstream's") : null,
            own.Communities.IsEmpty ? null : "also " + string.Join(' ', own.Communities),
        }.OfType<string>();
        return $"prefix {own.Prefix} (operator): {string.Join(", ", parts)}";
    }
}
