using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Answering;

/// <summary>What stays the same on the way of one query through its zone, and the name that it has come to.</summary>
internal ref struct AnswerWay
{
    public required DnsData Data { get; init; }

    public required QuerySource From { get; init; }

    public required DnsQuery Query { get; init; }

    public required Zone Zone { get; init; }

    /// <summary>Of a signed zone; null: it is not signed.</summary>
    public required ZoneSigner? ZoneSigner { get; init; }

    /// <summary>Null: no signature is wanted, or the zone has none.</summary>
    public readonly ZoneSigner? Signer => Query.WantsDnssec ? ZoneSigner : null;

    /// <summary>First the name of the question, then where CNAMEs lead. Canonical.</summary>
    public required ReadOnlySpan<byte> Name { get; set; }

    public required int Labels { get; set; }

    public readonly DnsType Type => Query.Type;
}
