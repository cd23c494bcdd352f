using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Dnssec;

/// <summary>Signs the answers of one zone. Called by all socket threads at once.</summary>
public abstract class ZoneSigner
{
    /// <summary>False: there is no key that signs; the zone is not answered for then, and never without signatures.</summary>
    public abstract bool CanSign { get; }

    /// <summary>Records of the apex that come from the keys: DNSKEY, CDS, CDNSKEY; null: none of that type.</summary>
    public abstract RrSet? KeySet(DnsType type);

    /// <summary>Signatures over <paramref name="set"/> as <paramref name="owner"/>'s (RFC 4034 §3).</summary>
    /// <param name="owner">Canonical; of an answer from a wildcard the name that was asked for, as RFC 9824 has it for online signing.</param>
    /// <param name="set">Its TTL is the original one.</param>
    /// <param name="unixTime">Seconds.</param>
    /// <param name="signatures">Is given RDATA of RRSIG records, each behind its length in two octets.</param>
    /// <returns>Octets written; 0: it cannot sign now, and the answer is SERVFAIL.</returns>
    public abstract int Sign(ReadOnlySpan<byte> owner, RrSetView set, uint unixTime, Span<byte> signatures);

    /// <summary>RDATA of the NSEC record that says what is at <paramref name="owner"/> and that nothing stands between it and the next possible name (RFC 9824 §3).</summary>
    /// <param name="owner">Canonical.</param>
    /// <param name="exists">False: nothing is there (NXNAME).</param>
    /// <param name="types">Of what is there, ascending, without RRSIG and NSEC.</param>
    /// <param name="rdata">Room for it.</param>
    /// <returns>Octets written.</returns>
    public abstract int Deny(ReadOnlySpan<byte> owner, bool exists, ReadOnlySpan<DnsType> types, Span<byte> rdata);
}
