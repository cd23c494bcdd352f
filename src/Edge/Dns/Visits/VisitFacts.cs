namespace OrleansCdn.Edge.Dns.Visits;

/// <summary>Where an address is, as far as the databases know.</summary>
/// <param name="Continent">Two letters; null: not known.</param>
/// <param name="Country">ISO 3166 alpha-2; null: not known.</param>
/// <param name="RegisteredCountry">Of the network's holder; null: not known.</param>
/// <param name="Asn">0: not known.</param>
internal readonly record struct VisitPlace(string? Continent, string? Country, string? RegisteredCountry, uint Asn);

/// <summary>
/// Why one answer with a random id named the PoP that it did. A value: what is said of a flood of queries takes no memory of its own.
/// Texts are those of config and databases, shared by all entries.
/// </summary>
internal readonly record struct VisitFacts
{
    /// <summary>The steered name that was asked for, in lower case, without a last dot.</summary>
    public required string Name { get; init; }

    /// <summary>Who asked: as IPv6, with IPv4 mapped into <c>::ffff:0:0/96</c>.</summary>
    public required UInt128 Resolver { get; init; }

    public required VisitPlace ResolverPlace { get; init; }

    /// <summary>In the form of <see cref="Resolver"/>, host bits zero; with <see cref="SubnetBits"/>.</summary>
    public UInt128 Subnet { get; init; }

    /// <summary>Source prefix length in its own family (0 to 32 or 128); -1: the query had no client subnet.</summary>
    public required int SubnetBits { get; init; }

    /// <summary>With <see cref="SubnetBits"/> at 0 or above.</summary>
    public VisitPlace SubnetPlace { get; init; }

    /// <summary>What the choice was made by: a rule's name, or the step of the chain.</summary>
    public required string Rule { get; init; }

    /// <summary>Id of the PoP that the answer named.</summary>
    public required string Pop { get; init; }
}
