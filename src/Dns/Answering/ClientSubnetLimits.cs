namespace OrleansCdn.Dns.Answering;

/// <summary>Most bits of a client's address that choices are made by (RFC 7871 §11.1 recommends these).</summary>
public sealed record ClientSubnetLimits(int Ipv4Bits = 24, int Ipv6Bits = 56);
