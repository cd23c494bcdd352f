using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tls;
using OrleansCdn.Node.Admin;

namespace OrleansCdn.Edge.Admin;

[JsonConverter(typeof(JsonStringEnumConverter<HealthState>))]
internal enum HealthState
{
    /// <summary>Requests are served.</summary>
    Ok,

    /// <summary>Requests are served, and something needs a look: see the feed and the certificates.</summary>
    Degraded,

    /// <summary>No config yet: every request is answered 503.</summary>
    Waiting,
}

/// <summary>Answer of <c>/health</c>: status 200 when requests are served, else 503.</summary>
internal sealed record HealthReply
{
    public required HealthState Status { get; init; }

    public required string Pop { get; init; }

    public required string Edge { get; init; }

    /// <summary>0: from a file, or none yet.</summary>
    public required long ConfigVersion { get; init; }

    public required FeedReply Feed { get; init; }

    /// <summary>Purges may be missing, for longer than some site allows; null: no.</summary>
    public EdgeCutOff? CutOff { get; init; }

    /// <summary>Requests are served, and this edge asks to be taken out as long as others are in; null: it does not.</summary>
    public DrainReply? Drain { get; init; }

    public required ImmutableArray<CertificateStatus> Certificates { get; init; }
}

/// <param name="Sites">Ids of the sites that want it, the first <see cref="MaxSites"/>.</param>
internal sealed record DrainReply(DrainReason Reason, ImmutableArray<string> Sites)
{
    /// <summary>Probes read it every second.</summary>
    public const int MaxSites = 16;
}

/// <summary>Answer of <c>/status</c>.</summary>
internal sealed record EdgeStatusReply
{
    public required HealthReply Health { get; init; }

    public required string SoftwareVersion { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public string? ConfigEpoch { get; init; }

    /// <summary>Purges that are applied.</summary>
    public required PurgeCursor Cursor { get; init; }

    public required EdgeAddresses Addresses { get; init; }

    public required ImmutableArray<PeerEdge> Peers { get; init; }

    /// <summary>Which of the other edges answer this one; null: none are asked.</summary>
    public EdgeReach? Reach { get; init; }

    /// <summary>Which PoPs DNS sends visitors to, as this edge was told.</summary>
    public required Eligibility Eligibility { get; init; }

    /// <summary>Purges that are remembered one by one.</summary>
    public required int PurgeEntries { get; init; }

    public required long DroppedLeaseReports { get; init; }

    /// <summary>Resident memory of the process.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>On the managed heap since the process began: what a request costs is its growth over requests.</summary>
    public required long AllocatedBytes { get; init; }

    public required EdgeCounters Counters { get; init; }

    public required EdgeDisk Disk { get; init; }

    /// <summary>By site, then in the order of the config.</summary>
    public required ImmutableArray<OriginStatus> Origins { get; init; }

    /// <summary>Null: this edge answers no DNS.</summary>
    public DnsReply? Dns { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReply))]
[JsonSerializable(typeof(EdgeStatusReply))]
[JsonSerializable(typeof(DnsLogReply))]
internal sealed partial class AdminJson : JsonSerializerContext;
