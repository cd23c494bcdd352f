namespace OrleansCdn.Edge.Cache;

/// <summary>Takes what an encoder writes into a body, up to a limit; what is past it is dropped.</summary>
internal sealed class BodySink(CachedBody body, long maxBytes) : Stream
{
    /// <summary>The body is not the whole.</summary>
    public bool IsOver { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => body.Length;

    public override long Position
    {
        get => body.Length;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        IsOver |= body.Length + buffer.Length > maxBytes;
        while (!IsOver && !buffer.IsEmpty)
        {
            Memory<byte> room = body.GetMemory();
            int count = Math.Min(room.Length, buffer.Length);
            buffer[..count].CopyTo(room.Span);
            body.Advance(count);
            buffer = buffer[count..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
