using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>Applies one change to an intent. Pure.</summary>
internal static class IntentEdit
{
    /// <summary>Carriers or prefixes of one intent: a network sees some fifteen carriers at a transit, and has a handful of prefixes.</summary>
    public const int MaxEntries = 64;

    /// <param name="intent">As it is.</param>
    /// <param name="change">What is set.</param>
    /// <param name="config">For what the config says of the carrier: an intent replaces that as a whole.</param>
    /// <param name="after">The intent with the change; with an error as it was.</param>
    /// <returns>Why it is not possible and what is; null: it is.</returns>
    public static string? Apply(RouteIntent intent, IntentChange change, UpstreamConfig config, out RouteIntent after)
    {
        after = intent;
        if (change.Action == RouteAction.Prepend && change.Prepend is < 0 or > 5)
        {
            return $"prepend is {change.Prepend}; 0 to 5 are allowed";
        }

        return (change.Carrier, change.Prefix) switch
        {
            (not null, not null) => "a carrier and a prefix cannot be named together: communities towards carriers are the same for all prefixes",
            ({ } carrier, null) => Carrier(intent, change, carrier, config, out after),
            (null, { } prefix) => Prefix(intent, change, prefix, out after),
            _ => Upstream(intent, change, out after),
        };
    }

    /// <summary>In words, for history and schedules.</summary>
    public static string Describe(IntentChange change)
    {
        string what = change.Action switch
        {
            RouteAction.Announce => "announce",
            RouteAction.Withdraw => "withdraw",
            RouteAction.Prepend => string.Create(CultureInfo.InvariantCulture, $"prepend {change.Prepend}"),
            RouteAction.NoExport => change.On ? "no-export" : "no-export off",
            RouteAction.IxpOnly => change.On ? "ixp-only" : "ixp-only off",
            RouteAction.Communities => change.Communities.IsEmpty ? "no communities" : "communities " + string.Join(' ', change.Communities),
            RouteAction.GracefulShutdown => change.On ? "graceful-shutdown" : "graceful-shutdown off",
            _ => "default",
        };
        return change switch
        {
            { Carrier: { } carrier } => string.Create(CultureInfo.InvariantCulture, $"carrier {carrier}: {what}"),
            { Prefix: { } prefix } => $"prefix {prefix}: {what}",
            _ => what,
        };
    }

    private static string? Upstream(RouteIntent intent, IntentChange change, out RouteIntent after)
    {
        after = change.Action switch
        {
            RouteAction.Announce => intent with { Announce = true },
            RouteAction.Withdraw => intent with { Announce = false },
            RouteAction.Prepend => intent with { Prepend = change.Prepend },
            RouteAction.NoExport => intent with { NoExport = change.On },
            RouteAction.IxpOnly => intent with { IxpOnly = change.On },
            RouteAction.Communities => intent with { Communities = [.. change.Communities.Distinct().Order(Comparer<Community>.Create(Community.Compare))] },
            RouteAction.GracefulShutdown => intent with { GracefulShutdown = change.On },
            _ => RouteIntent.Empty,
        };
        return null;
    }

    private static string? Carrier(RouteIntent intent, IntentChange change, uint asn, UpstreamConfig config, out RouteIntent after)
    {
        after = intent;
        CarrierConfig? configured = config.Carriers.FirstOrDefault(c => c.Asn == asn);
        CarrierIntent now = intent.Carriers.FirstOrDefault(c => c.Asn == asn)
            ?? new CarrierIntent(asn, configured?.Prepend ?? 0, configured?.Withdraw ?? false);
        ImmutableArray<CarrierIntent> others = [.. intent.Carriers.Where(c => c.Asn != asn)];
        CarrierIntent? next;
        switch (change.Action)
        {
            case RouteAction.Announce:
                next = now with { Withdraw = false };
                break;
            case RouteAction.Withdraw:
                next = now with { Withdraw = true };
                break;
            case RouteAction.Prepend:
                next = new CarrierIntent(asn, change.Prepend, Withdraw: false);
                break;
            case RouteAction.Default:
                next = null;
                break;
            default:
                return $"'{Describe(change with { Carrier = null })}' cannot be said of one carrier: of a carrier announce, withdraw, prepend and default can";
        }

        if (next is not null && others.Length >= MaxEntries)
        {
            return $"this upstream has intents for {MaxEntries} carriers already: set some back with 'default'";
        }

        after = intent with { Carriers = [.. (next is null ? others : others.Add(next)).OrderBy(c => c.Asn)] };
        return null;
    }

    private static string? Prefix(RouteIntent intent, IntentChange change, string text, out RouteIntent after)
    {
        after = intent;
        if (!IPNetwork.TryParse(text, out IPNetwork prefix))
        {
            return $"'{text}' is not a prefix like 2001:db8:1000::/48";
        }

        PrefixIntent now = intent.Prefixes.FirstOrDefault(p => p.Prefix == prefix) ?? new PrefixIntent { Prefix = prefix };
        ImmutableArray<PrefixIntent> others = [.. intent.Prefixes.Where(p => p.Prefix != prefix)];
        PrefixIntent? next;
        switch (change.Action)
        {
            case RouteAction.Announce:
                next = now with { Announce = true };
                break;
            case RouteAction.Withdraw:
                next = now with { Announce = false };
                break;
            case RouteAction.Prepend:
                next = now with { Prepend = change.Prepend };
                break;
            case RouteAction.Communities:
                next = now with { Communities = [.. change.Communities.Distinct().Order(Comparer<Community>.Create(Community.Compare))] };
                break;
            case RouteAction.Default:
                next = null;
                break;
            default:
                return $"'{Describe(change with { Prefix = null })}' cannot be said of one prefix: of a prefix announce, withdraw, prepend, communities and default can";
        }

        if (next is not null && others.Length >= MaxEntries)
        {
            return $"this upstream has intents for {MaxEntries} prefixes already: set some back with 'default'";
        }

        after = intent with { Prefixes = [.. (next is null ? others : others.Add(next)).OrderBy(p => p.Prefix.ToString(), StringComparer.Ordinal)] };
        return null;
    }
}
