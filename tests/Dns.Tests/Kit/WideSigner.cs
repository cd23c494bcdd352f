using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Kit;

/// <summary>Signatures of the size of real ones and without meaning: for where they stand and what room they take.</summary>
internal sealed class WideSigner : ZoneSigner
{
    private const int RrsigLength = 18 + 17 + 64;

    private static readonly RrSet s_keys = RrSet.Of(DnsType.DnsKey, 3600, [new byte[68]]);

    public bool IsAble { get; set; } = true;

    /// <summary>Owners and types that a signature was wanted for.</summary>
    public List<string>? Signed { get; set; }

    public override bool CanSign => IsAble;

    /// <summary>Types of this set are not signed: as if too many were wanted at once.</summary>
    public DnsType Refused { get; set; }

    public override RrSet? KeySet(DnsType type) => type == DnsType.DnsKey ? s_keys : null;

    public override int Sign(ReadOnlySpan<byte> owner, RrSetView set, uint unixTime, Span<byte> signatures)
    {
        Signed?.Add($"{NameText.Of(owner)} {DnsTypeText.Of(set.Type)}");
        if (set.Type == Refused)
        {
            return 0;
        }

        signatures[..(2 + RrsigLength)].Clear();
        (signatures[0], signatures[1], signatures[2], signatures[3]) = (0, RrsigLength, (byte)((int)set.Type >> 8), (byte)set.Type);
        return 2 + RrsigLength;
    }

    /// <summary>Not an NSEC record that could be read, but one whose types can be seen: each as two octets.</summary>
    public override int Deny(ReadOnlySpan<byte> owner, bool exists, ReadOnlySpan<DnsType> types, Span<byte> rdata)
    {
        rdata[0] = exists ? (byte)1 : (byte)0;
        for (int i = 0; i < types.Length; i++)
        {
            (rdata[1 + (2 * i)], rdata[2 + (2 * i)]) = ((byte)((int)types[i] >> 8), (byte)types[i]);
        }

        return 1 + (2 * types.Length);
    }
}
