namespace OrleansCdn.Dns.Zones;

/// <summary>What of a zone a serial stands for.</summary>
public static class ZoneContent
{
    /// <summary>Whether two states of a zone have the same records, whatever their serials; what steered names answer is not among them.</summary>
    public static bool AreAlike(Zone one, Zone other) =>
        one.Nodes.Count == other.Nodes.Count && one.Nodes.All(node => other.Find(node.Name.Span) is ZoneNode twin && AreAlike(node, twin));

    private static bool AreAlike(ZoneNode one, ZoneNode other)
    {
        if (one.Sets.Length != other.Sets.Length || (one.Steered is null) != (other.Steered is null))
        {
            return false;
        }

        for (int i = 0; i < one.Sets.Length; i++)
        {
            (RrSet set, RrSet twin) = (one.Sets[i], other.Sets[i]);
            ReadOnlySpan<byte> octets = set.Type == Wire.DnsType.Soa ? SoaRdata.WithSerial(set.Packed, 0) : set.Packed;
            ReadOnlySpan<byte> twins = twin.Type == Wire.DnsType.Soa ? SoaRdata.WithSerial(twin.Packed, 0) : twin.Packed;
            if (set.Type != twin.Type || set.Ttl != twin.Ttl || !octets.SequenceEqual(twins))
            {
                return false;
            }
        }

        return true;
    }
}
