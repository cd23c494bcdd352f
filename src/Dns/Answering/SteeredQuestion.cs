using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Answering;

/// <summary>One steered answer and what it was decided by.</summary>
public readonly ref struct SteeredQuestion
{
    /// <summary>Canonical; of a steered wildcard the name that was asked for.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    public required DnsType Type { get; init; }

    public required QuerySource Source { get; init; }

    /// <summary>Null: the query had none.</summary>
    public required ClientSubnet? Subnet { get; init; }

    /// <summary>Network by which it was decided: an IPv4 address in the low 32 bits, host bits 0.</summary>
    public required UInt128 Address { get; init; }

    public required bool IsIpv4 { get; init; }

    public required int Bits { get; init; }

    /// <summary>Null: there was no table, and the default order was used.</summary>
    public required SteeringChoice? Choice { get; init; }

    /// <summary>Of the chosen PoP in the config; -1: none.</summary>
    public required int Pop { get; init; }

    public required DnsData Data { get; init; }
}

/// <summary>Gives a visitor an address of the chosen PoP by which the web side knows what led there. Called by all socket threads at once.</summary>
public abstract class VisitAddresses
{
    /// <param name="question">Of type AAAA.</param>
    /// <param name="address">16 octets.</param>
    /// <returns>False: the PoP has no such addresses; its own are given.</returns>
    public abstract bool TryIssue(in SteeredQuestion question, Span<byte> address);
}

/// <summary>Called by all socket threads at once.</summary>
public abstract class SteeringExplainer
{
    /// <param name="question">Of type TXT.</param>
    /// <param name="records">Is given the RDATA of TXT records, each behind its length in two octets.</param>
    /// <returns>Octets written.</returns>
    public abstract int Explain(in SteeredQuestion question, Span<byte> records);
}
