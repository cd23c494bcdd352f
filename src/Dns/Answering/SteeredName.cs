using System.Collections.Immutable;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Answering;

/// <summary>What leads visitors to one PoP; null: there is none of that type.</summary>
public sealed record PopRecords(RrSet? A = null, RrSet? Aaaa = null, RrSet? Https = null)
{
    public RrSet? Find(DnsType type) => type switch
    {
        DnsType.A => A,
        DnsType.Aaaa => Aaaa,
        DnsType.Https => Https,
        _ => null,
    };
}

/// <summary>A name whose records are those of the PoP that was chosen for the visitor.</summary>
public sealed class SteeredName(ImmutableArray<PopRecords> pops, uint ttl)
{
    /// <summary>By the PoP's index in the config.</summary>
    public ImmutableArray<PopRecords> Pops { get; } = pops;

    /// <summary>Seconds, of what is made for one answer.</summary>
    public uint Ttl { get; } = ttl;

    /// <summary>Makes the address of an AAAA answer of its own for each query; null: the PoP's own addresses are given.</summary>
    public VisitAddresses? VisitAddresses { get; init; }

    /// <summary>Says in a TXT answer how the choice came about; null: the name has no such answer.</summary>
    public SteeringExplainer? Explainer { get; init; }

    /// <summary>Ascending.</summary>
    public IEnumerable<DnsType> Types => SteerableTypes.Where(type => type == DnsType.Txt ? Explainer is not null : Pops.Any(pop => pop.Find(type) is not null));

    /// <summary>Ascending.</summary>
    public static ImmutableArray<DnsType> SteerableTypes { get; } = [DnsType.A, DnsType.Txt, DnsType.Aaaa, DnsType.Https];

    /// <summary>
    /// The first PoP of the order that is eligible and has records of this type; when none is, as if all were (I7): a visitor who is sent to
    /// a troubled PoP may be served, one who is sent nowhere is not.
    /// </summary>
    /// <returns>-1: no PoP of the order has such records.</returns>
    public int Choose(DnsType type, ImmutableArray<int> order, ImmutableArray<bool> eligible)
    {
        int otherwise = -1;
        foreach (int pop in order)
        {
            if (pop >= Pops.Length || (type != DnsType.Txt && Pops[pop].Find(type) is null))
            {
                continue;
            }

            if (pop >= eligible.Length || eligible[pop])
            {
                return pop;
            }

            otherwise = otherwise < 0 ? pop : otherwise;
        }

        return otherwise;
    }
}
