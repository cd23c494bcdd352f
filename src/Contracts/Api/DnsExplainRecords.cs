using System.Collections.Immutable;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Contracts.Api;

/// <summary>What would nameservers answer to a client?</summary>
public sealed record DnsExplainRequest
{
    /// <summary>RFC 1035 §2.3.4, with the dot at its end.</summary>
    public const int MaxNameChars = 254;

    /// <summary>An IPv6 network with its length.</summary>
    public const int MaxAddressChars = 64;

    /// <summary>Address of who asks: a resolver, or the client itself.</summary>
    public required string Address { get; init; }

    public required string Name { get; init; }

    /// <summary>The network that the resolver says it asks for (RFC 7871): <c>192.0.2.0/24</c>; null: it says none.</summary>
    public string? Subnet { get; init; }

    /// <summary>Nameservers of this PoP alone; null: all of them.</summary>
    public string? Pop { get; init; }
}

public sealed record DnsExplainReply
{
    /// <summary>Every nameserver that was asked, in the config's order.</summary>
    public required ImmutableArray<NameserverExplanation> Nameservers { get; init; }
}

/// <param name="Explanation">With <see cref="AnswerOutcome.Answered"/>.</param>
public sealed record NameserverExplanation(string Pop, string Edge, AnswerOutcome Outcome, DnsExplanation? Explanation = null);
