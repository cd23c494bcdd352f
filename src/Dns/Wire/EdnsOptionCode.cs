namespace OrleansCdn.Dns.Wire;

/// <summary>Options that are understood; all others are read over and never echoed (RFC 6891 §6.1.2).</summary>
public enum EdnsOptionCode : ushort
{
    /// <summary>RFC 5001.</summary>
    Nsid = 3,

    /// <summary>RFC 7871.</summary>
    ClientSubnet = 8,

    /// <summary>RFC 7873.</summary>
    Cookie = 10,

    /// <summary>RFC 7828.</summary>
    TcpKeepalive = 11,
}
