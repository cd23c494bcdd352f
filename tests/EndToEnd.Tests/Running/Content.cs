using OrleansCdn.Cli.LabOrigin;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Checks bodies of the sample origin's files as they stream in, without holding them.</summary>
internal sealed class Content(string path)
{
    private readonly ulong _seed = DeterministicBytes.Seed(path);
    private readonly byte[] _expected = new byte[64 * 1024];

    public long Position { get; private set; }

    public void Check(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int length = Math.Min(bytes.Length, _expected.Length);
            Span<byte> expected = _expected.AsSpan(0, length);
            DeterministicBytes.Fill(_seed, Position, expected);
            if (!expected.SequenceEqual(bytes[..length]))
            {
                Assert.Fail($"{path}: wrong bytes at {Position + expected.CommonPrefixLength(bytes)}");
            }

            Position += length;
            bytes = bytes[length..];
        }
    }

    public async Task CheckToEndAsync(Stream body, long expectedLength)
    {
        var buffer = new byte[32 * 1024];
        for (int read; (read = await body.ReadAsync(buffer)) > 0;)
        {
            Check(buffer.AsSpan(0, read));
        }

        Assert.Equal(expectedLength, Position);
    }
}
