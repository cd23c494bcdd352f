using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

/// <summary>
/// 2 GiB to 50 slow visitors of one edge. With CDN_E2E_FULL=1 every visitor reads to the end; otherwise each reads at
/// <see cref="BytesPerSecond"/> for <see cref="ShortRun"/>, which is as hard on an edge that buffers for its readers.
/// </summary>
public sealed class LargeObjectTests(ITestOutputHelper output)
{
    private const int Visitors = 50;
    private const int BytesPerSecond = 256 * 1024;
    private const long ResidentLimit = 300L * 1024 * 1024;
    private const string Path = "/large/2g.bin";

    private static readonly TimeSpan ShortRun = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    /// <summary>Both scopes of coalescing with CDN_E2E_FULL=1, otherwise the wider one, whose way is the longer one.</summary>
    public static TheoryData<string> Hosts => FullRun.IsOn ? [TestNetwork.PopHost, TestNetwork.ClusterHost] : [TestNetwork.ClusterHost];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Fifty_slow_readers_of_2_GiB_do_not_fill_the_edges_memory(string host)
    {
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            int edge = lab.Ready.Pops["waw"].EdgePid;
            Processes.ForgetPeak(edge);
            bool full = FullRun.IsOn;
            long[] read = await Task.WhenAll(Enumerable.Range(0, Visitors).Select(_ => ReadSlowlyAsync(lab, host, full)));
            long peak = Processes.Memory(edge, "VmHWM");
            output.WriteLine($"peak {peak >> 20} MiB; read {read.Min() >> 10} to {read.Max() >> 10} KiB each");
            Assert.True(peak < ResidentLimit, $"the edge had {peak >> 20} MiB resident");
            Assert.Equal(edge, lab.Ready.Pops["waw"].EdgePid);
            Assert.All(read, bytes => Assert.True(bytes >= (full ? 2L << 30 : BytesPerSecond), $"only {bytes} bytes came"));

            // Who leaves in the middle must not keep the others' next requests waiting.
            using HttpResponseMessage after = await lab.GetAsync("waw", host, "/pages/2");
            Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        });
    }

    /// <summary>A visitor with a small receive window, who takes a little every beat. The bytes are checked as they come.</summary>
    private static async Task<long> ReadSlowlyAsync(RunningLab lab, string host, bool full)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 32 * 1024 };
        await socket.ConnectAsync(IPEndPoint.Parse(lab.Ready.Pops["waw"].Http!));
        using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        var content = new Content(Path);
        var buffer = new byte[16 * 1024];
        long start = TimeProvider.System.GetTimestamp();
        int filled = await SkipHeaderAsync(stream, buffer, content);
        Assert.True(filled >= 0);
        while (full || TimeProvider.System.GetElapsedTime(start) < ShortRun)
        {
            int want = full ? int.MaxValue : (int)(BytesPerSecond * Beat.TotalSeconds);
            while (want > 0)
            {
                int length = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(want, buffer.Length)));
                if (length == 0)
                {
                    Assert.Equal(2L << 30, content.Position);
                    return content.Position;
                }

                content.Check(buffer.AsSpan(0, length));
                want -= full ? 0 : length;
            }

            await Wait.PauseAsync(Beat);
        }

        return content.Position;
    }

    private static async Task<int> SkipHeaderAsync(NetworkStream stream, byte[] buffer, Content content)
    {
        int filled = 0;
        while (true)
        {
            int length = await stream.ReadAsync(buffer.AsMemory(filled));
            Assert.NotEqual(0, length);
            filled += length;
            int end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                string header = Encoding.ASCII.GetString(buffer, 0, end);
                Assert.StartsWith("HTTP/1.1 200", header, StringComparison.Ordinal);
                Assert.Contains("Content-Length: 2147483648", header, StringComparison.OrdinalIgnoreCase);
                content.Check(buffer.AsSpan(end + 4, filled - end - 4));
                return filled;
            }
        }
    }
}
