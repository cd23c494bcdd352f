using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Health.Local;

/// <summary>What an edge knows of itself at one moment; what <see cref="EdgeChecks"/> judges.</summary>
internal sealed record EdgeFacts
{
    public required DateTimeOffset Now { get; init; }

    public required EdgeDisk Disk { get; init; }

    /// <summary>Why config and purge cursor cannot be saved; null: they can.</summary>
    public string? ControlTrouble { get; init; }

    public required HostFacts Host { get; init; }

    /// <summary>By site; empty: no site has TLS.</summary>
    public required ImmutableArray<CertificateStatus> Certificates { get; init; }

    public required ImmutableArray<OriginStatus> Origins { get; init; }

    public required FeedStatus Feed { get; init; }

    /// <summary>Null: no purge may be missing.</summary>
    public EdgeCutOff? CutOff { get; init; }

    /// <summary>Null: it asks no other edge.</summary>
    public EdgeReach? Reach { get; init; }

    /// <summary>Null: it answers no DNS.</summary>
    public EdgeDns? Dns { get; init; }
}

/// <summary>What the server says of its disks and its memory.</summary>
/// <param name="Spaces">Of the file systems that this edge writes to.</param>
/// <param name="Looking">How long the last look at them has been under way; null: none is.</param>
/// <param name="Memory">Null: not looked at yet.</param>
internal sealed record HostFacts(ImmutableArray<DiskSpace> Spaces, TimeSpan? Looking, MemoryFacts? Memory)
{
    public static readonly HostFacts Unknown = new([], null, null);
}

/// <param name="Directory">Where this edge writes.</param>
/// <param name="Free">Bytes of its file system that an ordinary user may write.</param>
/// <param name="Total">All bytes of its file system.</param>
internal sealed record DiskSpace(string Directory, long Free, long Total);

/// <param name="Resident">Bytes of this process in memory.</param>
/// <param name="Limit">What it may have: the machine's memory or its control group's.</param>
/// <param name="Available">Of the machine, for whoever asks; null: not known.</param>
internal sealed record MemoryFacts(long Resident, long Limit, long? Available);
