using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Server;

public sealed class UdpServerTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1", false)]
    [InlineData("0.0.0.0", "127.0.0.53", false)]
    [InlineData("127.0.0.7", "127.0.0.7", false)]
    [InlineData("::", "::1", false)]
    [InlineData("::", "127.0.0.54", false)]
    [InlineData("::1", "::1", false)]
    [InlineData("127.0.0.7", "127.0.0.7", true)]
    [InlineData("::1", "::1", true)]
    public async Task An_answer_leaves_from_the_address_that_was_asked(string listen, string asked, bool isPortable)
    {
        await using DnsServer server = await StartAsync(IPAddress.Parse(listen), isPortable: isPortable);
        using UdpClient client = Client(server, IPAddress.Parse(asked)); // Connected: answers from elsewhere do not arrive.

        byte[] query = TestQuery.Of(7);
        await client.SendAsync(query);
        UdpReceiveResult answer = await client.ReceiveAsync().WaitAsync(Seen.Limit);

        Assert.Equal(TestQuery.Refused(query), answer.Buffer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_no_query_is_not_answered_and_counted(bool isPortable)
    {
        await using DnsServer server = await StartAsync(IPAddress.Loopback, isPortable: isPortable);
        using UdpClient client = Client(server);

        await client.SendAsync(Array.Empty<byte>());
        await client.SendAsync(new byte[11]);
        await client.SendAsync(new byte[ServerLimits.MaxUdpQuery + 1]);
        await client.SendAsync(TestQuery.Refused(TestQuery.Of(1)));
        byte[] query = TestQuery.Of(2);
        await client.SendAsync(query);
        UdpReceiveResult answer = await client.ReceiveAsync().WaitAsync(Seen.Limit);

        Assert.Equal(TestQuery.Refused(query), answer.Buffer);
        Assert.Equal(3, Count(server, ServerCount.DroppedLength));
        Assert.Equal(1, Count(server, ServerCount.DroppedResponse));
        Assert.Equal(5, Count(server, ServerCount.UdpQueries));
        Assert.Equal(1, Count(server, ServerCount.UdpAnswers));
        Assert.Equal(query.Length, Count(server, ServerCount.UdpAnsweredBytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everyone_of_many_clients_gets_his_own_answer(bool isPortable)
    {
        const int Clients = 40, Rounds = 100;
        await using DnsServer server = await StartAsync(IPAddress.Loopback, threads: 2, isPortable: isPortable);

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            using UdpClient client = Client(server);
            for (int round = 0; round < Rounds; round++)
            {
                byte[] query = TestQuery.Of(round, new string('a', number + 1));
                await client.SendAsync(query);
                UdpReceiveResult answer = await client.ReceiveAsync().WaitAsync(Seen.Limit);
                Assert.Equal(TestQuery.Refused(query), answer.Buffer);
            }
        }));

        Assert.Equal(Clients * Rounds, Count(server, ServerCount.UdpAnswers));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public async Task A_server_takes_over_from_another_one_without_a_query_lost(string address)
    {
        DnsServer old = await StartAsync(IPAddress.Parse(address), threads: 2);
        IPEndPoint endpoint = old.Endpoints[0];
        using var stop = new CancellationTokenSource();
        int answered = 0;
        Task[] clients = [.. Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using UdpClient client = Client(endpoint.Port); // A new port each time: the kernel spreads them anew.
                byte[] query = TestQuery.Of(number);
                await client.SendAsync(query);
                UdpReceiveResult answer = await client.ReceiveAsync().WaitAsync(Seen.Limit);
                Assert.Equal(TestQuery.Refused(query), answer.Buffer);
                Interlocked.Increment(ref answered);
            }
        }))];

        for (int takeover = 0; takeover < 5; takeover++)
        {
            int before = Volatile.Read(ref answered);
            await Seen.UntilAsync("answers by the old server", () => Volatile.Read(ref answered) > before + 200);
            DnsServer next = await StartAsync(endpoint, threads: 2);
            await old.DisposeAsync();
            old = next;
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        await old.DisposeAsync();
    }

    [Fact]
    public async Task Endpoints_come_and_go_and_those_that_stay_are_not_touched()
    {
        await using DnsServer server = await StartAsync(IPAddress.Loopback);
        IPEndPoint first = server.Endpoints[0];
        using UdpClient client = Client(server);
        await AskAsync(client);

        var second = new IPEndPoint(IPAddress.Parse("127.0.0.9"), first.Port);
        await server.ListenAsync([AnyPort, second]);
        using UdpClient other = Client(first.Port, second.Address);
        await AskAsync(client);
        await AskAsync(other);

        await server.ListenAsync([second]);
        await AskAsync(other);
        Assert.Equal(second, Assert.Single(server.Endpoints));
        Assert.Equal(4, Count(server, ServerCount.UdpAnswers));

        // Who cannot be had changes nothing.
        await Assert.ThrowsAsync<SocketException>(() => server.ListenAsync([new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0)]));
        await AskAsync(other);
    }

    private static async Task AskAsync(UdpClient client)
    {
        byte[] query = TestQuery.Of(3);
        await client.SendAsync(query);
        Assert.Equal(TestQuery.Refused(query), (await client.ReceiveAsync().WaitAsync(Seen.Limit)).Buffer);
    }

    private static long Count(DnsServer server, ServerCount count) => server.Counts[(int)count];

    private static Task<DnsServer> StartAsync(IPAddress address, int threads = 1, bool isPortable = false) =>
        StartAsync(new IPEndPoint(address, 0), threads, isPortable);

    private static async Task<DnsServer> StartAsync(IPEndPoint endpoint, int threads = 1, bool isPortable = false)
    {
        var server = new DnsServer(new DnsDataSource(DnsData.Empty), new DnsServerOptions { UdpThreads = threads, IsPortable = isPortable }, TimeProvider.System);
        await server.ListenAsync([endpoint]);
        return server;
    }

    private static UdpClient Client(DnsServer server, IPAddress? asked = null) => Client(server.Endpoints[0].Port, asked);

    private static UdpClient Client(int port, IPAddress? asked = null)
    {
        asked ??= IPAddress.Loopback;
        var client = new UdpClient(asked.AddressFamily);
        client.Connect(asked, port);
        return client;
    }
}
