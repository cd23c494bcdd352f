namespace OrleansCdn.Edge.Origin;

/// <summary>The one client for all other edges: HTTP/2, many requests on one connection.</summary>
public sealed class PeerPool(HttpMessageHandler handler) : IDisposable
{
    public HttpMessageInvoker Client { get; } = new(handler, disposeHandler: true);

    public void Dispose() => Client.Dispose();
}
