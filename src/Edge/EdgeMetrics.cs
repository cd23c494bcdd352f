using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge;

/// <summary>
/// Counters of the hot path: plain interlocked adds on separate cache lines, read as a whole for heartbeats and status.
/// </summary>
public sealed class EdgeMetrics
{
    // One counter every 128 bytes: adjacent-line prefetch pairs 64-byte lines, and counters that share one bounce between cores.
    private const int Stride = 16;
    private readonly long[] _values = new long[((int)Counter.Count + 1) * Stride];

    /// <summary>Gauges that live elsewhere.</summary>
    public Func<(long Objects, long Bytes)> Store { get; set; } = static () => (0, 0);

    /// <summary>What is known of the origins of all sites.</summary>
    public Func<ImmutableArray<OriginStatus>> Origins { get; set; } = static () => [];

    /// <summary>How the disk stands.</summary>
    public Func<EdgeDisk> Disk { get; set; } = static () => EdgeDisk.None;

    /// <summary>Why config and purge cursor cannot be saved; null: they can.</summary>
    public Func<string?> ControlTrouble { get; set; } = static () => null;

    /// <summary>Whether purges may be missing.</summary>
    public Func<EdgeCutOff?> CutOff { get; set; } = static () => null;

    /// <summary>The nameserver; null: there is none.</summary>
    public Func<EdgeDns?> Dns { get; set; } = static () => null;

    /// <summary>Which other edges answer; null: none are asked.</summary>
    public Func<EdgeReach?> Reach { get; set; } = static () => null;

    /// <summary>What the silos are told of popularity; empty: nothing is counted.</summary>
    public Func<ImmutableArray<EdgePopularity>> Popularity { get; set; } = static () => [];

    /// <returns>The new value.</returns>
    public long Add(Counter counter, long amount = 1) => Interlocked.Add(ref _values[((int)counter + 1) * Stride], amount);

    public long Read(Counter counter) => Volatile.Read(ref _values[((int)counter + 1) * Stride]);

    public EdgeCounters Snapshot()
    {
        (long objects, long bytes) = Store();
        return new EdgeCounters
        {
            Requests = Read(Counter.Requests),
            Hits = Read(Counter.Hits),
            StaleHits = Read(Counter.StaleHits),
            Misses = Read(Counter.Misses),
            Coalesced = Read(Counter.Coalesced),
            OriginFetches = Read(Counter.OriginFetches),
            OriginErrors = Read(Counter.OriginErrors),
            OriginRetries = Read(Counter.OriginRetries),
            Limited = Read(Counter.Limited),
            PeerFetches = Read(Counter.PeerFetches),
            BytesSent = Read(Counter.BytesSent),
            Errors = Read(Counter.Errors),
            StoredObjects = objects,
            StoredBytes = bytes,
            OpenConnections = Read(Counter.OpenConnections),
            SickOrigins = Origins().Count(origin => origin.Health != OriginHealth.Healthy),
        };
    }

    /// <summary>What may need a look, for heartbeats.</summary>
    public EdgeCondition Condition()
    {
        EdgeCutOff? cutOff = CutOff();
        EdgeDns? dns = Dns();
        return new EdgeCondition
        {
            Disk = Disk(),
            CutOff = cutOff,
            Reach = Reach(),
            WantsOut = cutOff is { Draining: > 0 } ? DrainReason.CutOff : null,
            Dns = dns is null ? null : dns with { Problem = dns.Problem is null ? null : Cut(dns.Problem) },
            SickOrigins =
            [
                .. Origins().Where(origin => origin.Health != OriginHealth.Healthy)
                    .Take(EdgeCondition.MaxSickOrigins)
                    .Select(origin => new SickOrigin(origin.Site, Cut(origin.Origin), origin.Health == OriginHealth.CheckFailed ? origin.LastCheck : origin.LastFailure)),
            ],
        };
    }

    private static string Cut(string text) => text.Length <= EdgeCondition.MaxTextLength ? text : text[..EdgeCondition.MaxTextLength];
}

public enum Counter
{
    Requests,
    Hits,
    StaleHits,
    Misses,
    Coalesced,
    OriginFetches,
    OriginErrors,
    PeerFetches,
    BytesSent,
    Errors,

    /// <summary>Further origins that were asked after one had failed.</summary>
    OriginRetries,

    /// <summary>Requests refused by a site's limits.</summary>
    Limited,
    OpenConnections,

    /// <summary>Hits that memory did not have; they count as hits too.</summary>
    DiskHits,
    Count,
}
