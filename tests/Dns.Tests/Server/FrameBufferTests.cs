using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Server.Tcp;

namespace OrleansCdn.Dns.Tests.Server;

public sealed class FrameBufferTests
{
    [Fact]
    public void Messages_come_whole_however_they_are_cut()
    {
        byte[][] messages = [TestQuery.Of(1), TestQuery.Of(2, "somewhat.longer.name.example"), [], TestQuery.Of(3)];
        byte[] stream = [.. messages.SelectMany(message => TestQuery.Framed(message))];
        for (int first = 0; first <= stream.Length; first++)
        {
            for (int second = first; second <= stream.Length; second++)
            {
                using var buffer = new FrameBuffer();
                var seen = new List<byte[]>();
                foreach (byte[] part in (byte[][])[stream[..first], stream[first..second], stream[second..]])
                {
                    Feed(buffer, part, seen);
                }

                Assert.Equal(messages, seen);
                Assert.True(buffer.IsEmpty);
            }
        }
    }

    [Fact]
    public void The_longest_message_is_taken_octet_by_octet_and_no_memory_is_asked_for_beyond_it()
    {
        byte[] message = new byte[ushort.MaxValue];
        Random random = new(1);
        random.NextBytes(message);
        using var buffer = new FrameBuffer();
        var seen = new List<byte[]>();
        foreach (byte octet in (byte[])[.. TestQuery.Framed(TestQuery.Of(1)), .. TestQuery.Framed(message), .. TestQuery.Framed(TestQuery.Of(2))])
        {
            Feed(buffer, [octet], seen);
            Assert.True(buffer.Free.Length <= 2 * (ServerLimits.TcpPrefix + ServerLimits.MaxTcpMessage));
        }

        Assert.Equal([TestQuery.Of(1), message, TestQuery.Of(2)], seen);
    }

    private static void Feed(FrameBuffer buffer, byte[] part, List<byte[]> seen)
    {
        while (part.Length > 0)
        {
            Memory<byte> free = buffer.Free;
            Assert.NotEqual(0, free.Length);
            int taken = Math.Min(free.Length, part.Length);
            part.AsMemory(0, taken).CopyTo(free);
            buffer.Commit(taken);
            part = part[taken..];
            while (buffer.TryRead(out ReadOnlySpan<byte> message))
            {
                seen.Add(message.ToArray());
            }
        }
    }
}
