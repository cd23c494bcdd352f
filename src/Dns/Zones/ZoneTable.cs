using System.Collections.Immutable;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Zones;

/// <summary>A zone as this server answers for it.</summary>
/// <param name="Zone">Its records.</param>
/// <param name="IsSigned">Its answers are signed; without a usable <paramref name="Signer"/> they are SERVFAIL and never bare.</param>
/// <param name="Signer">Null: the zone is not signed, or its keys have not come.</param>
public sealed record ServedZone(Zone Zone, bool IsSigned = false, ZoneSigner? Signer = null);

/// <summary>The zones of this server, found by the longest name that fits (RFC 1034 §4.3.2).</summary>
public sealed class ZoneTable
{
    private readonly Dictionary<byte[], ServedZone> _zones = new(NameComparer.Instance);
    private readonly Dictionary<byte[], ServedZone>.AlternateLookup<ReadOnlySpan<byte>> _byOctets;
    private readonly int _maxLabels;

    public ZoneTable(params IEnumerable<ServedZone> zones)
    {
        Zones = [.. zones];
        foreach (ServedZone zone in Zones)
        {
            _zones.Add(zone.Zone.Apex.Name.ToArray(), zone);
            _maxLabels = Math.Max(_maxLabels, zone.Zone.Apex.Labels);
        }

        _byOctets = _zones.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public static ZoneTable Empty { get; } = new();

    public ImmutableArray<ServedZone> Zones { get; }

    /// <param name="name">Canonical.</param>
    /// <param name="labels">Of <paramref name="name"/>.</param>
    /// <returns>Null: the name is in none of them.</returns>
    public ServedZone? Find(ReadOnlySpan<byte> name, int labels)
    {
        ReadOnlySpan<byte> rest = WireName.Last(name, labels, Math.Min(labels, _maxLabels));
        while (true)
        {
            if (_byOctets.TryGetValue(rest, out ServedZone? zone))
            {
                return zone;
            }

            if (rest.Length <= 1)
            {
                return null;
            }

            rest = WireName.Parent(rest);
        }
    }
}
