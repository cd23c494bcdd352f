using System.Net;
using System.Net.Http.Headers;

namespace OrleansCdn.Node.Links;

/// <summary>A request body of no fixed length that is written while the response is already being read (HTTP/2).</summary>
public sealed class DuplexContent : HttpContent
{
    private readonly Func<Stream, CancellationToken, Task> _write;

    public DuplexContent(string mediaType, Func<Stream, CancellationToken, Task> write)
    {
        _write = write;
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _write(stream, cancellationToken);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _write(stream, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
