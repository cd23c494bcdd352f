using System.Collections.Immutable;

namespace OrleansCdn.Dns.Steering;

/// <summary>PoPs in the order in which an answer tries them.</summary>
/// <param name="Pops">Indices into the config's PoPs; at least one.</param>
public sealed record SteeringList(ImmutableArray<int> Pops);

/// <summary>What a lookup has found.</summary>
/// <param name="List">Index into <see cref="SteeringTable.Lists"/>.</param>
public readonly record struct SteeringChoice(int List);

/// <summary>The compiled selection chain.</summary>
public sealed class SteeringTable
{
    private SteeringTable(ImmutableArray<SteeringList> lists) => Lists = lists;

    public ImmutableArray<SteeringList> Lists { get; }

    /// <summary>Without rules: everybody is given one list.</summary>
    public static SteeringTable Everywhere(SteeringList list) => new([list]);

    /// <param name="isIpv4">Family of <paramref name="address"/>.</param>
    /// <param name="address">Of the client's network or of the resolver; an IPv4 address in the low 32 bits.</param>
    /// <param name="bits">Of its prefix.</param>
    /// <param name="scope">Bits of the largest network around it that is given the same (RFC 7871 §7.2.1).</param>
    public SteeringChoice Choose(bool isIpv4, UInt128 address, int bits, out int scope)
    {
        _ = (isIpv4, address, bits);
        scope = 0;
        return new SteeringChoice(0);
    }
}
