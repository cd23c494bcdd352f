using System.Buffers.Binary;

namespace OrleansCdn.Internet.Graph;

/// <summary>
/// Passes a file on and keeps its last four octets: of a gzip file the length of what was packed (RFC 1952 §2.3.1). The framework's
/// decompression does not miss it when a file is cut off.
/// </summary>
/// <param name="inner">It is not closed.</param>
internal sealed class TailStream(Stream inner) : Stream
{
    private readonly byte[] _last = new byte[sizeof(uint)];

    public uint Last => BinaryPrimitives.ReadUInt32LittleEndian(_last);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Keep(buffer.AsSpan(offset, inner.Read(buffer, offset, count)));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken);
        return Keep(buffer.Span[..read]);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Keep(ReadOnlySpan<byte> read)
    {
        ReadOnlySpan<byte> end = read[Math.Max(0, read.Length - _last.Length)..];
        _last.AsSpan(end.Length).CopyTo(_last);
        end.CopyTo(_last.AsSpan(_last.Length - end.Length));
        return read.Length;
    }
}
