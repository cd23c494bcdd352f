using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Routing.Intent;

/// <summary>Who asked for something.</summary>
public enum PolicySource
{
    Config,

    /// <summary>A route change, a schedule, or failover.</summary>
    Operator,
}

public readonly record struct Said<T>(T Value, PolicySource By);

/// <param name="Asn">The carrier's AS number.</param>
/// <param name="Name">In the config; null: it does not stand there.</param>
/// <param name="Prepend">0 to 5.</param>
/// <param name="Withdraw">Wins over <paramref name="Prepend"/>.</param>
/// <param name="By">Who asked for it.</param>
public sealed record CarrierPolicy(uint Asn, string? Name, int Prepend, bool Withdraw, PolicySource By)
{
    public override string ToString() => Name is null ? $"AS{Asn}" : $"{Name} (AS{Asn})";
}

/// <summary>What one upstream is to see: what the config says, and over it what an operator says.</summary>
public sealed record RoutePolicy
{
    public required UpstreamConfig Upstream { get; init; }

    public required Said<bool> Announce { get; init; }

    public required Said<int> Prepend { get; init; }

    public required Said<bool> NoExport { get; init; }

    public required Said<bool> IxpOnly { get; init; }

    public required Said<ImmutableArray<Community>> Communities { get; init; }

    /// <summary>By AS number, each once.</summary>
    public required ImmutableArray<CarrierPolicy> Carriers { get; init; }

    /// <summary>An operator's, each prefix once.</summary>
    public required ImmutableArray<PrefixIntent> Prefixes { get; init; }

    public required bool GracefulShutdown { get; init; }

    public static RoutePolicy Merge(UpstreamConfig config, RouteIntent intent)
    {
        var carriers = new SortedDictionary<uint, CarrierPolicy>();
        foreach (CarrierConfig carrier in config.Carriers)
        {
            carriers[carrier.Asn] = new CarrierPolicy(carrier.Asn, carrier.Name, carrier.Prepend, carrier.Withdraw, PolicySource.Config);
        }

        foreach (CarrierIntent carrier in intent.Carriers)
        {
            string? name = carriers.GetValueOrDefault(carrier.Asn)?.Name;
            carriers[carrier.Asn] = new CarrierPolicy(carrier.Asn, name, carrier.Prepend, carrier.Withdraw, PolicySource.Operator);
        }

        return new RoutePolicy
        {
            Upstream = config,
            Announce = Over(intent.Announce, config.Announce),
            Prepend = Over(intent.Prepend, config.Prepend),
            NoExport = Over(intent.NoExport, config.NoExport),
            IxpOnly = Over(intent.IxpOnly, config.IxpOnly),
            Communities = Over(intent.Communities, config.Communities),
            Carriers = [.. carriers.Values],
            Prefixes = intent.Prefixes,
            GracefulShutdown = intent.GracefulShutdown == true,
        };
    }

    private static Said<T> Over<T>(T? intent, T config)
        where T : struct => intent is { } said ? new Said<T>(said, PolicySource.Operator) : new Said<T>(config, PolicySource.Config);
}
