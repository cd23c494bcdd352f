using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Server;

/// <summary>Clients that send anything at all, over real sockets: the server goes on, and counts what it was sent.</summary>
public sealed class HostileClientTests
{
    private const int Seed = 20261126;

    private static readonly byte[] Good = TestQuery.Of(0x7777, "mail." + TestServer.Zone);

    private readonly Random _random = new(Seed);

    [Fact]
    public async Task Datagrams_of_all_kinds()
    {
        const int Datagrams = 5000;
        await using DnsServer server = await StartAsync();
        using var client = new UdpClient(AddressFamily.InterNetwork);
        client.Connect(server.Endpoints[0]);
        for (int sent = 1; sent <= Datagrams; sent++)
        {
            await client.SendAsync(Damaged());
            if (sent % 50 == 0)
            {
                await AnswerAsync(client);
            }
        }

        await Seen.UntilAsync("all are counted", () => Total(server, ServerCount.UdpQueries) == Datagrams + (Datagrams / 50));
        Assert.Equal(0, Total(server, ServerCount.Faults));
        Assert.Equal(0, Total(server, ServerCount.QueueOverflows));
    }

    [Fact]
    public async Task Streams_of_all_kinds()
    {
        const int Streams = 150;
        await using DnsServer server = await StartAsync();
        for (int i = 0; i < Streams; i++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(server.Endpoints[0]);
            try
            {
                for (int part = _random.Next(1, 20); part > 0; part--)
                {
                    byte[] message = _random.Next(3) == 0 ? Damaged() : Good;
                    await client.SendAsync(_random.Next(20) == 0 ? message : TestQuery.Framed(message));
                }

                if (_random.Next(2) == 0)
                {
                    client.Shutdown(SocketShutdown.Send);
                    await client.ReceiveAsync(new byte[100]).WaitAsync(Seen.Limit);
                }
            }
            catch (SocketException)
            {
                // The server has had enough of it.
            }
        }

        using var last = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await last.ConnectAsync(server.Endpoints[0]);
        await last.SendAsync(TestQuery.Framed(Good));
        byte[] answer = new byte[512];
        Assert.True(await last.ReceiveAsync(answer).WaitAsync(Seen.Limit) > 2);
        Assert.Equal(0x7777, TestQuery.Id(answer.AsSpan(2)));
        await Seen.UntilAsync("all others are gone", () => server.OpenConnections == 1, () => $"{server.OpenConnections} are open");
        Assert.Equal(0, Total(server, ServerCount.Faults));
        Assert.Equal(Streams + 1, Total(server, ServerCount.TcpConnections));
    }

    /// <summary>Noise, or a query with some octets changed, cut off or added.</summary>
    private byte[] Damaged()
    {
        if (_random.Next(4) == 0)
        {
            byte[] noise = new byte[_random.Next(600)];
            _random.NextBytes(noise);
            return noise;
        }

        byte[] query = Ask.For("mail." + TestServer.Zone, (int)DnsType.A).WithEdns().WithSubnet("198.51.100.0/24").WithOption(10, new byte[8]).Octets();
        for (int changes = _random.Next(4); changes > 0; changes--)
        {
            query[_random.Next(query.Length)] = (byte)_random.Next(256);
        }

        return _random.Next(3) switch
        {
            0 => query[.._random.Next(query.Length)],
            1 => [.. query, .. new byte[_random.Next(40)]],
            _ => query,
        };
    }

    private static async Task AnswerAsync(UdpClient client)
    {
        await client.SendAsync(Good);
        while (TestQuery.Id((await client.ReceiveAsync().WaitAsync(Seen.Limit)).Buffer) != 0x7777)
        {
        }
    }

    private static long Total(DnsServer server, ServerCount count) => server.Counts[(int)count];

    private static async Task<DnsServer> StartAsync()
    {
        var data = new DnsData { Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records))), Nsid = "waw"u8.ToArray() };
        var server = new DnsServer(new DnsDataSource(data), new DnsServerOptions { UdpThreads = 2, LogSampleBits = 0 }, TimeProvider.System);
        await server.ListenAsync([new IPEndPoint(IPAddress.Loopback, 0)]);
        return server;
    }
}
