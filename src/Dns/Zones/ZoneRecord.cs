using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Zones;

/// <param name="Owner">Canonical.</param>
/// <param name="Type">None: an ALIAS, whose <paramref name="Rdata"/> is its target.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Rdata">Canonical (RFC 4034 §6.2).</param>
/// <param name="Line">Of the zone's records; 0: from the config.</param>
internal sealed record ZoneRecord(byte[] Owner, DnsType Type, uint Ttl, byte[] Rdata, int Line)
{
    public bool IsAlias => Type == DnsType.None;

    public string Subject => $"{NameText.Of(Owner)} {(IsAlias ? "ALIAS" : DnsTypeText.Of(Type))}";
}
