using System.Net.Sockets;

namespace OrleansCdn.Contracts;

/// <summary>What an <see cref="HttpClient"/> throws when the other side cannot be reached, or leaves.</summary>
public static class TransportFailure
{
    /// <summary>
    /// An <see cref="IOException"/> comes while a body is read. A <see cref="SocketException"/> comes out as it is when a connection is gone
    /// again just after it was made: the handler asks the socket for its peer, outside of what it turns into an <see cref="HttpRequestException"/>.
    /// </summary>
    public static bool Is(Exception error) => error is HttpRequestException or IOException or SocketException;
}
