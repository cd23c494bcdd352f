using System.Collections.Immutable;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Zones;

/// <summary>What there is at one name of a zone. Without anything it is an empty non-terminal: it exists, since names below it do (RFC 4592 §2.2.2).</summary>
public sealed class ZoneNode
{
    private readonly RrSet[] _sets;

    internal ZoneNode(byte[] name, IEnumerable<RrSet> sets, SteeredName? steered)
    {
        Name = name;
        Labels = WireName.CountLabels(name);
        _sets = [.. sets.OrderBy(set => set.Type)];
        Steered = steered;
        Types = [.. _sets.Select(set => set.Type).Concat(steered?.Types ?? []).Distinct().Order()];
        CName = Find(DnsType.CName);
    }

    /// <summary>Canonical.</summary>
    public ReadOnlyMemory<byte> Name { get; }

    public int Labels { get; }

    /// <summary>Ascending.</summary>
    public ImmutableArray<DnsType> Types { get; }

    /// <summary>Sets of the zone's own; steered ones are not among them.</summary>
    public ReadOnlySpan<RrSet> Sets => _sets;

    /// <summary>Null: nothing here is chosen per visitor.</summary>
    public SteeredName? Steered { get; }

    /// <summary>The cut that this name is at or below: what is here is another server's to say (RFC 1034 §4.2.1). Null: none.</summary>
    public ZoneNode? Cut { get; internal set; }

    /// <summary><c>*</c> below this name. Null: none.</summary>
    public ZoneNode? Wildcard { get; internal set; }

    internal RrSet? CName { get; }

    /// <summary>Null: there is no set of this type.</summary>
    public RrSet? Find(DnsType type)
    {
        foreach (RrSet set in _sets)
        {
            if (set.Type == type)
            {
                return set;
            }
        }

        return null;
    }
}
