namespace OrleansCdn.Dns.Server.Udp;

/// <summary>The receive queue of a socket.</summary>
/// <param name="Used">Octets, with the kernel's own overhead.</param>
/// <param name="Size">Octets at most.</param>
/// <param name="Drops">Datagrams that found no room, since the socket was opened; wraps.</param>
internal readonly record struct QueueState(uint Used, uint Size, uint Drops);
