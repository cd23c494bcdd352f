using OrleansCdn.Dns.Edns;

namespace OrleansCdn.Dns.Wire;

/// <summary>What a query says. Spans are of its packet, but for the name.</summary>
public ref struct DnsQuery
{
    public ushort Id { get; internal set; }

    /// <summary>Octets 2 and 3 of the header.</summary>
    public byte Flags1 { get; internal set; }
    public byte Flags2 { get; internal set; }

    /// <summary>As it came, type and class with it; empty: there is none that could be repeated.</summary>
    public ReadOnlySpan<byte> Question { get; internal set; }

    /// <summary>Canonical.</summary>
    public ReadOnlySpan<byte> Name { get; internal set; }

    /// <summary>Of <see cref="Name"/>, without the root's.</summary>
    public int Labels { get; internal set; }

    public DnsType Type { get; internal set; }

    public DnsClass Class { get; internal set; }

    /// <summary>There is an OPT record, so that the answer has one.</summary>
    public bool HasEdns { get; internal set; }

    /// <summary>Octets that the other side takes over UDP, as it says.</summary>
    public ushort PayloadSize { get; internal set; }

    /// <summary>DO (RFC 3225).</summary>
    public bool WantsDnssec { get; internal set; }

    /// <summary>CO (RFC 9824 §5.1): NXDOMAIN may be said as such.</summary>
    public bool TakesCompactDenial { get; internal set; }

    public bool HasClientSubnet { get; internal set; }

    public ClientSubnet ClientSubnet { get; internal set; }

    public bool WantsNsid { get; internal set; }

    public bool WantsKeepalive { get; internal set; }

    /// <summary>8 octets of the client, and the server's behind them if it knows one; empty: none.</summary>
    public ReadOnlySpan<byte> Cookie { get; internal set; }
}
