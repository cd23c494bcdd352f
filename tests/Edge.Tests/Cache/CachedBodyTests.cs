using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Cache;

public sealed class CachedBodyTests
{
    private static void Write(CachedBody body, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Memory<byte> room = body.GetMemory();
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room.Span);
            body.Advance(count);
            bytes = bytes[count..];
        }
    }

    private static async Task<byte[]> ReadAllAsync(CachedBody body)
    {
        using BodyReader reader = body.TryOpen()!;
        using var all = new MemoryStream();
        while (await reader.ReadAsync(CancellationToken.None) is { IsEmpty: false } piece)
        {
            all.Write(piece.Span);
        }

        return all.ToArray();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(65536, true)]
    [InlineData(65537, false)]
    [InlineData(300_000, true)]
    [InlineData(300_000, false)]
    public async Task Readers_see_the_same_bytes_before_during_and_after(int length, bool isLengthKnown)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var body = new CachedBody(isLengthKnown ? length : null);
        Task<byte[]>[] during = [.. Enumerable.Range(0, 8).Select(_ => ReadAllAsync(body))];
        var random = new Random(7);
        for (int at = 0; at < length;)
        {
            int count = Math.Min(random.Next(1, 20_000), length - at);
            Write(body, bytes.AsSpan(at, count));
            at += count;
            await Task.Yield();
        }

        body.Complete();
        foreach (byte[] seen in await Task.WhenAll(during))
        {
            Assert.True(seen.AsSpan().SequenceEqual(bytes));
        }

        Assert.True((await ReadAllAsync(body)).AsSpan().SequenceEqual(bytes));
        Assert.Equal(length, body.Length);
        Assert.Equal(length, body.Allocated);
    }

    [Fact]
    public async Task An_abort_is_an_error_for_every_reader_and_never_an_end()
    {
        var body = new CachedBody(expectedLength: null);
        Task<byte[]> reading = ReadAllAsync(body);
        Write(body, new byte[100]);
        body.Abort();
        await Assert.ThrowsAsync<BodyAbortedException>(() => reading);
        Assert.Null(body.TryOpen());
    }

    [Fact]
    public async Task A_window_keeps_no_more_than_the_slowest_reader_needs_and_lets_go_of_one_that_stands_still()
    {
        var time = new Testing.FakeTimeProvider();
        var body = new CachedBody(expectedLength: null);
        using BodyReader fast = body.TryOpen()!;
        using BodyReader stuck = body.TryOpen()!;
        Write(body, new byte[100_000]);
        body.SwitchToWindow();
        Assert.Null(body.TryOpen());

        long read = 0;
        long written = 100_000;
        for (int round = 0; round < 200; round++)
        {
            ValueTask<bool> room = body.WaitForRoomAsync(TimeSpan.FromSeconds(30), time, CancellationToken.None);
            if (!room.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(31));
            }

            Assert.True(await room);
            Write(body, new byte[50_000]);
            written += 50_000;
            Assert.True(body.Allocated <= CachedBody.WindowBytes + (2 * CachedBody.MaxChunkBytes), $"{body.Allocated} held");
            while (read < written)
            {
                read += (await fast.ReadAsync(CancellationToken.None)).Length;
            }
        }

        body.Complete();
        Assert.True((await fast.ReadAsync(CancellationToken.None)).IsEmpty);
        await Assert.ThrowsAsync<BodyAbortedException>(async () => await stuck.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_window_without_readers_tells_the_writer_to_stop()
    {
        var body = new CachedBody(expectedLength: null);
        Write(body, new byte[10]);
        body.SwitchToWindow();
        Assert.False(await body.WaitForRoomAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None));
    }
}
