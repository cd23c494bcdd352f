namespace OrleansCdn.Edge.Origin;

/// <summary>
/// Sits between the HTTP client and an HTTP/1.1 connection to an origin, below it TLS if there is any, and tells
/// <see cref="InterimResponses"/> what passes: the client itself drops interim responses.
/// </summary>
public sealed class InterimTapStream(Stream inner) : Stream
{
    /// <summary>Where the interim responses go of the request that is being sent in this flow of control.</summary>
    public static readonly AsyncLocal<InterimResponses?> Current = new();

    private readonly InterimParser _parser = new();
    private InterimResponses? _sink;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Listen(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        Listen(buffer[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>The client sends one request after the other, and reads the answer of each to its end before the next.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Expect();
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Expect();
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Expect()
    {
        // The pieces of one request's body belong to the same answer, which may have begun already.
        InterimResponses? sink = Current.Value;
        if (sink is not null && !ReferenceEquals(sink, _sink))
        {
            _sink = sink;
            _parser.Expect();
        }
    }

    private void Listen(ReadOnlySpan<byte> bytes)
    {
        if (_sink is not { } sink || !_parser.IsListening)
        {
            return;
        }

        foreach (InterimResponse response in _parser.Push(bytes))
        {
            sink.Publish(response);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
