namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>A body whose every byte follows from the serial of its fetch and its place; it may break off half-way.</summary>
internal sealed class OriginBody(int serial, OriginPolicy policy) : Stream
{
    private int _at;

    public static byte ByteAt(int serial, int place) => (byte)((serial * 31) + (place * 7) + (place >> 8));

    /// <summary>Whether <paramref name="body"/> begins the body of a fetch.</summary>
    public static bool IsPrefix(int serial, ReadOnlySpan<byte> body)
    {
        for (int i = 0; i < body.Length; i++)
        {
            if (body[i] != ByteAt(serial, i))
            {
                return false;
            }
        }

        return true;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int end = policy.Truncated ? policy.Length / 2 : policy.Length;
        if (_at == end)
        {
            return policy.Truncated ? throw new IOException("the origin broke off") : 0;
        }

        int count = Math.Min(buffer.Length, end - _at);
        for (int i = 0; i < count; i++)
        {
            buffer[i] = ByteAt(serial, _at + i);
        }

        _at += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
