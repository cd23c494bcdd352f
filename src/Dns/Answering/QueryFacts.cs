using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Answering;

/// <summary>Of the last query of a <see cref="Responder"/>: for rate limits and the query log.</summary>
public struct QueryFacts
{
    public QueryStatus Status { get; internal set; }

    /// <summary>None unless a question could be read.</summary>
    public DnsType Type { get; internal set; }

    public DnsRcode Rcode { get; internal set; }

    public CookieVerdict Cookie { get; internal set; }

    public bool HasEdns { get; internal set; }

    public bool IsTruncated { get; internal set; }

    /// <summary>Null: the query had no client subnet.</summary>
    public ClientSubnet? Subnet { get; internal set; }

    /// <summary>Of the answer's client subnet.</summary>
    public int Scope { get; internal set; }

    /// <summary>Index of the PoP in a steered answer; -1: it was none.</summary>
    public int Pop { get; internal set; }

    /// <summary>Labels of the wildcard that stood for the name, with its asterisk; 0: none did.</summary>
    public int WildcardLabels { get; internal set; }

    /// <summary>Octets of the OPT record at the end of the answer; 0: there is none.</summary>
    public int OptLength { get; internal set; }
}
