namespace OrleansCdn.Edge.Origin;

/// <summary>The one client for all other edges: HTTP/2, many requests on one connection.</summary>
public sealed class PeerPool(HttpMessageHandler handler) : IDisposable
{
    /// <summary>
    /// A connection to a server that lost its power looks open until the kernel gives up, after a quarter of an hour; over it the server would
    /// stay silent long after it is back.
    /// </summary>
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(5);

    public static SocketsHttpHandler NewHandler()
    {
        SocketsHttpHandler handler = OriginPool.NewHandler();
        handler.KeepAlivePingDelay = PingAfter;
        handler.KeepAlivePingTimeout = PingPatience;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        return handler;
    }

    public HttpMessageInvoker Client { get; } = new(handler, disposeHandler: true);

    public void Dispose() => Client.Dispose();
}
