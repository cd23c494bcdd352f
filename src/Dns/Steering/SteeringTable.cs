using System.Collections.Immutable;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Dns.Steering;

/// <summary>
/// The selection chain, compiled: one trie per address family whose leaves are lists of PoPs, equal neighbours merged, so that a leaf is
/// as wide as its answer goes. Immutable; looking up allocates nothing.
/// </summary>
public sealed class SteeringTable
{
    /// <summary>
    /// As far as clients are told apart when some of them are sent elsewhere: what is asked of most resolvers (RFC 7871 §11.1, and the
    /// most that is believed by default).
    /// </summary>
    private const int ShedBitsIpv4 = 24;
    private const int ShedBitsIpv6 = 48;

    private readonly PrefixTrie _ipv4;
    private readonly PrefixTrie _ipv6;
    private readonly SteeringList[] _lists;
    private readonly SteeringSources _sources;

    internal SteeringTable(SteeringSources sources, PrefixTrie ipv4, PrefixTrie ipv6, ImmutableArray<SteeringList> lists)
    {
        _ipv4 = ipv4;
        _ipv6 = ipv6;
        _lists = [.. lists];
        _sources = sources;
        Lists = lists;
        Pops = [.. sources.Inputs.Policy.Pops.Select(p => p.Id)];
    }

    /// <summary>Ids, in the config's order.</summary>
    public ImmutableArray<string> Pops { get; }

    /// <summary>The first is that of nobody in particular: the default order.</summary>
    public ImmutableArray<SteeringList> Lists { get; }

    /// <summary>Of memory that looking up needs.</summary>
    public long Bytes => _ipv4.Bytes + _ipv6.Bytes;

    /// <summary>The list for a client.</summary>
    /// <param name="isIpv4">The address is the low 32 bits.</param>
    /// <param name="address">The client's subnet, or the resolver.</param>
    /// <param name="bits">How many of the address's bits count: a subnet's source prefix length, or 32 or 128.</param>
    /// <param name="scope">
    /// Length of the widest prefix around the address that all gets this list (RFC 7871 §7.2.1). Longer than <paramref name="bits"/> where a
    /// subnet is divided: the list is then that of its lowest addresses.
    /// </param>
    public SteeringChoice Choose(bool isIpv4, UInt128 address, int bits, out int scope)
    {
        UInt128 network = AddressBits.Network(isIpv4, address, bits);
        uint leaf = isIpv4
            ? _ipv4.Find((ulong)network << 32, 0)
            : _ipv6.Find((ulong)(network >> 64), (ulong)network);
        scope = (int)(leaf & 0xFF);
        int index = (int)(leaf >> 8);
        SteeringList list = _lists[index];
        if (list.ShedParts == 0)
        {
            return new SteeringChoice(index);
        }

        // Who is sent elsewhere is decided by a hash that stays, so that nobody goes to and fro.
        int shedBits = isIpv4 ? ShedBitsIpv4 : ShedBitsIpv6;
        scope = Math.Max(scope, shedBits);
        return new SteeringChoice(Part(AddressBits.Network(isIpv4, network, shedBits)) < list.ShedParts ? list.Alternative : index);
    }

    /// <summary>
    /// Whether a choice by that subnet says anything: not when it is one of the special-purpose blocks (RFC 7871 §10) and nobody has an
    /// override for it. The resolver's address is better then.
    /// </summary>
    /// <param name="isIpv4">The address is the low 32 bits.</param>
    /// <param name="subnet">Host bits are zero.</param>
    /// <param name="bits">Its prefix length.</param>
    public bool Knows(bool isIpv4, UInt128 subnet, int bits) => !SpecialPrefixes.Contain(isIpv4, subnet, bits) || _sources.HasOverride(isIpv4, subnet);

    /// <summary>Why <see cref="Choose"/> gives what it gives; decided by the same chain. Not for each query.</summary>
    public SteeringExplanation Explain(bool isIpv4, UInt128 address, int bits)
    {
        UInt128 network = AddressBits.Network(isIpv4, address, bits);
        SteeringChoice choice = Choose(isIpv4, network, bits, out int scope);
        return _sources.Explain(isIpv4, network, bits, Lists[choice.List], scope);
    }

    /// <summary>The last step of SplitMix64 over both halves.</summary>
    private static int Part(UInt128 network)
    {
        ulong x = (ulong)network ^ (ulong)(network >> 64);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (int)((x ^ (x >> 31)) % PopLoad.Parts);
    }
}
