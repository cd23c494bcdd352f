using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Resolvers that ask every nameserver over UDP without pause, one question after the other, and take note of each answer.</summary>
internal sealed class DnsLoad(IReadOnlyDictionary<string, string> servers, string name)
{
    /// <summary>Long against a loopback round trip, even on a machine whose cores are all taken.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int HeaderLength = 12;
    private const ushort TypeA = 1;

    private readonly ConcurrentDictionary<string, long> _answered = new();
    private readonly ConcurrentDictionary<string, string> _last = new();
    private Task _resolvers = Task.CompletedTask;
    private volatile bool _stopping;

    /// <summary>Between an answer and the next question.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.Zero;

    /// <summary>Of which server what went wrong.</summary>
    public ConcurrentQueue<(string Pop, string What)> Failures { get; } = new();

    public long Answered(string pop) => _answered.GetValueOrDefault(pop);

    /// <summary>The address that a server gave last.</summary>
    public string? Last(string pop) => _last.GetValueOrDefault(pop);

    public void Start() => _resolvers = Task.WhenAll(servers.Select(server => Task.Run(() => AskAsync(server.Key, IPEndPoint.Parse(server.Value)))));

    public async Task StopAsync()
    {
        _stopping = true;
        await _resolvers;
    }

    public async Task UntilAnsweredAsync(string pop, int more)
    {
        long wanted = Answered(pop) + more;
        await Wait.UntilAsync($"{more} more answers of {pop}", () => Answered(pop) >= wanted);
    }

    private async Task AskAsync(string pop, IPEndPoint server)
    {
        byte[] answer = new byte[1500];
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        for (ushort id = 1; !_stopping; id++)
        {
            try
            {
                using var patience = new CancellationTokenSource(Patience);
                await socket.SendToAsync(Query(id), SocketFlags.None, server, patience.Token);
                SocketReceiveFromResult got = await socket.ReceiveFromAsync(answer, SocketFlags.None, server, patience.Token);
                while (IsLate(answer.AsSpan(0, got.ReceivedBytes), id))
                {
                    got = await socket.ReceiveFromAsync(answer, SocketFlags.None, server, patience.Token);
                }

                if (Address(answer.AsSpan(0, got.ReceivedBytes), id) is { } address)
                {
                    _last[pop] = address;
                    _answered.AddOrUpdate(pop, 1, static (_, count) => count + 1);
                }
                else
                {
                    Failures.Enqueue((pop, $"not an address: {Convert.ToHexString(answer, 0, got.ReceivedBytes)}"));
                }

                await Wait.PauseAsync(Pause);
            }
            catch (OperationCanceledException)
            {
                Failures.Enqueue((pop, "no answer"));
            }
            catch (SocketException e)
            {
                Failures.Enqueue((pop, e.Message));
                await Wait.PauseAsync(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    private byte[] Query(ushort id)
    {
        byte[] header = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt16BigEndian(header, id);
        header[5] = 1;
        return [.. header, .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0, 0, (byte)TypeA, 0, 1];
    }

    /// <summary>Of a question that was given up: a server that stood still answers all that it was asked meanwhile.</summary>
    private static bool IsLate(ReadOnlySpan<byte> answer, ushort id) =>
        answer.Length >= HeaderLength && (ushort)(id - BinaryPrimitives.ReadUInt16BigEndian(answer)) is > 0 and < ushort.MaxValue / 2;

    /// <summary>Of the first answer, whose name points at the question's; null: it is not what was asked for.</summary>
    private string? Address(ReadOnlySpan<byte> answer, ushort id)
    {
        int at = HeaderLength + name.Length + 2 + 4;
        bool isRight = answer.Length >= at + 16 && BinaryPrimitives.ReadUInt16BigEndian(answer) == id && (answer[3] & 0xF) == 0
            && BinaryPrimitives.ReadUInt16BigEndian(answer[6..]) > 0 && answer[at] >= 0xC0 && BinaryPrimitives.ReadUInt16BigEndian(answer[(at + 2)..]) == TypeA;
        return isRight ? new IPAddress(answer.Slice(at + 12, 4)).ToString() : null;
    }
}
