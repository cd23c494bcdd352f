using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Routing;

/// <summary>
/// All that the announcers of one PoP are to do, as a whole. It replaces what an announcer has when the epoch is another one,
/// or when neither the config's version nor any upstream's revision is lower than what it has (an older state never replaces a newer one).
/// </summary>
public sealed record DesiredAnnouncements : AnnouncerOrder
{
    /// <summary>Random id of the cluster's config history; another one means another cluster state, whose versions start anew.</summary>
    public required string Epoch { get; init; }

    public required long ConfigVersion { get; init; }

    /// <summary>The operator's own.</summary>
    public required uint Asn { get; init; }

    /// <summary>Nothing else is ever encoded, whatever <see cref="DesiredUpstream.Routes"/> say.</summary>
    [JsonConverter(typeof(IPNetworkArrayConverter))]
    public required ImmutableArray<IPNetwork> AllowedPrefixes { get; init; }

    /// <summary>Complete: an upstream that is not in it has no session any more.</summary>
    public required ImmutableArray<DesiredUpstream> Upstreams { get; init; }

    /// <summary>Who else announces, and how failover is done; null: this server knows of no other one, and never withdraws by a decision.</summary>
    public FailoverPlan? Failover { get; init; }
}

/// <summary>What one upstream is to see.</summary>
public sealed record DesiredUpstream
{
    public required string Id { get; init; }

    public required UpstreamKind Kind { get; init; }

    /// <summary>The neighbours' AS number.</summary>
    public required uint Asn { get; init; }

    /// <summary>Counts up with every change of this upstream's state, in one epoch never down.</summary>
    public required long Revision { get; init; }

    public required ImmutableArray<DesiredSession> Sessions { get; init; }

    /// <summary>One for each prefix that is announced; what is not in it is withdrawn.</summary>
    public required ImmutableArray<DesiredRoute> Routes { get; init; }
}

/// <summary>One BGP session.</summary>
public sealed record DesiredSession
{
    [JsonConverter(typeof(IPEndPointConverter))]
    public required IPEndPoint Neighbor { get; init; }

    /// <summary>Address families that are negotiated (RFC 4760), whatever family the session itself has.</summary>
    public required bool Ipv4 { get; init; }

    public required bool Ipv6 { get; init; }

    /// <summary>Whether a prefix's family is negotiated.</summary>
    public bool Carries(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? Ipv4 : Ipv6;

    /// <summary>Proposed; 3 s or more (RFC 4271 §4.2).</summary>
    public required TimeSpan HoldTime { get; init; }

    /// <summary>Hops to the neighbour: 1 is a directly connected one.</summary>
    public required int Hops { get; init; }

    /// <summary>RFC 5082; only with <see cref="Hops"/> 1.</summary>
    public required bool TtlSecurity { get; init; }

    /// <summary>File on the announcer's disk that holds the session's TCP-MD5 password (RFC 2385); null: none.</summary>
    public string? PasswordFile { get; init; }
}

/// <summary>One prefix as one upstream is to see it.</summary>
public sealed record DesiredRoute
{
    [JsonConverter(typeof(IPNetworkConverter))]
    public required IPNetwork Prefix { get; init; }

    /// <summary>How often the own AS number is repeated beyond the first, 0 to 5.</summary>
    public required int Prepend { get; init; }

    /// <summary>Sorted, each once, of all three kinds.</summary>
    public required ImmutableArray<Community> Communities { get; init; }

    // Arrays compare by reference; two routes are the same when all that is on the wire is.
    public bool Equals(DesiredRoute? other) =>
        other is not null && Prefix == other.Prefix && Prepend == other.Prepend && Communities.AsSpan().SequenceEqual(other.Communities.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Prefix, Prepend, Communities.Length);
}

public sealed class IPNetworkConverter : JsonConverter<IPNetwork>
{
    public override IPNetwork Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) =>
        IPNetwork.TryParse(reader.GetString() ?? "", out IPNetwork value) ? value : throw new System.Text.Json.JsonException("not a prefix");

    public override void Write(System.Text.Json.Utf8JsonWriter writer, IPNetwork value, System.Text.Json.JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
