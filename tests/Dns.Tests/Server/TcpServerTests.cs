using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Server.Tcp;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Server;

public sealed class TcpServerTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::", "::1")]
    public async Task Queries_behind_each_other_are_answered_in_order(string listen, string asked)
    {
        await using DnsServer server = await StartAsync(listen: listen);
        using Socket client = await ConnectAsync(server, asked);
        byte[][] queries = [.. Enumerable.Range(0, 500).Select(id => TestQuery.Of(id))];

        await client.SendAsync(queries.SelectMany(query => TestQuery.Framed(query)).ToArray());

        foreach (byte[] query in queries)
        {
            Assert.Equal(TestQuery.Refused(query), await ReadAsync(client));
        }

        Assert.Equal(queries.Length, Count(server, ServerCount.TcpAnswers));
    }

    [Fact]
    public async Task A_query_may_be_cut_anywhere()
    {
        await using DnsServer server = await StartAsync();
        using Socket client = await ConnectAsync(server);
        byte[] query = TestQuery.Of(9);
        byte[] framed = TestQuery.Framed(query);
        for (int cut = 1; cut < framed.Length; cut++)
        {
            await client.SendAsync(framed.AsMemory(0, cut));
            await client.SendAsync(framed.AsMemory(cut));
            Assert.Equal(TestQuery.Refused(query), await ReadAsync(client));
        }
    }

    [Fact]
    public async Task Who_has_said_all_of_it_gets_every_answer()
    {
        await using DnsServer server = await StartAsync();
        using Socket client = await ConnectAsync(server);
        await client.SendAsync(Enumerable.Range(0, 100).SelectMany(id => TestQuery.Framed(TestQuery.Of(id))).ToArray());
        client.Shutdown(SocketShutdown.Send);

        for (int id = 0; id < 100; id++)
        {
            Assert.Equal(id, TestQuery.Id(await ReadAsync(client)));
        }

        Assert.Empty(await ReadAsync(client));
    }

    [Fact]
    public async Task What_is_no_query_ends_the_connection_after_the_answers_before_it()
    {
        await using DnsServer server = await StartAsync();
        using Socket client = await ConnectAsync(server);
        await client.SendAsync((byte[])[.. TestQuery.Framed(TestQuery.Of(1)), .. TestQuery.Framed(TestQuery.Refused(TestQuery.Of(2)))]);

        Assert.Equal(1, TestQuery.Id(await ReadAsync(client)));
        Assert.Empty(await ReadAsync(client));
        await Seen.UntilAsync("it is gone", () => server.OpenConnections == 0);
        Assert.Equal(1, Count(server, ServerCount.TcpClosedMalformed));
    }

    [Fact]
    public async Task A_network_has_so_many_connections_and_leaves_the_others_theirs()
    {
        await using DnsServer server = await StartAsync(new TcpSettings { MaxConnectionsPerNetwork = 3 }, "0.0.0.0");
        var clients = new List<Socket>();
        for (int i = 0; i < 3; i++)
        {
            clients.Add(await ConnectAsync(server));
            await AskAsync(clients[i]);
        }

        using Socket fourth = await ConnectAsync(server);
        Assert.Empty(await ReadAsync(fourth));
        Assert.Equal(1, Count(server, ServerCount.TcpRefusedNetwork));

        // From another /24.
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.9.1"), 0));
        await other.ConnectAsync(IPAddress.Loopback, server.Endpoints[0].Port);
        await AskAsync(other);

        // Who leaves makes room.
        clients[0].Dispose();
        await Seen.UntilAsync("it has left", () => server.OpenConnections == 3);
        using Socket again = await ConnectAsync(server);
        await AskAsync(again);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task When_all_connections_are_in_use_the_idlest_makes_room()
    {
        await using DnsServer server = await StartAsync(new TcpSettings { MaxConnections = 3 });
        using Socket first = await ConnectAsync(server);
        await AskAsync(first);
        using Socket second = await ConnectAsync(server);
        await AskAsync(second);
        using Socket third = await ConnectAsync(server);
        await AskAsync(third);
        await AskAsync(first);

        using Socket fourth = await ConnectAsync(server);
        await AskAsync(fourth);
        Assert.Empty(await ReadAsync(second));
        Assert.Equal(1, Count(server, ServerCount.TcpClosedForRoom));
        await AskAsync(first);
        await AskAsync(third);
        Assert.Equal(3, server.OpenConnections);
    }

    [Fact]
    public async Task When_all_connections_are_busy_nobody_is_taken()
    {
        await using DnsServer server = await StartAsync(new TcpSettings { MaxConnections = 1 });
        using Socket first = await ConnectAsync(server);
        await first.SendAsync(TestQuery.Framed(TestQuery.Of(1)).AsMemory(0, 5));
        await Seen.UntilAsync("it is read", () => server.UnfinishedQueries == 1);

        using Socket second = await ConnectAsync(server);
        Assert.Empty(await ReadAsync(second));
        Assert.Equal(1, Count(server, ServerCount.TcpRefusedFull));
    }

    [Fact]
    public async Task Who_asks_nothing_more_is_cut_off()
    {
        var time = new FakeTimeProvider();
        await using DnsServer server = await StartAsync(time: time);
        using Socket client = await ConnectAsync(server);
        await AskAsync(client);

        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, server.OpenConnections);
        await AskAsync(client); // Its time begins anew.
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, server.OpenConnections);
        await Seen.UntilAsync("it is gone", () =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return server.OpenConnections == 0;
        });

        Assert.Equal(1, Count(server, ServerCount.TcpClosedIdle));
        Assert.Empty(await ReadAsync(client));
    }

    [Fact]
    public async Task Trickling_octets_do_not_prolong_a_querys_time()
    {
        var time = new FakeTimeProvider();
        await using DnsServer server = await StartAsync(time: time);
        using Socket client = await ConnectAsync(server);
        byte[] framed = TestQuery.Framed(TestQuery.Of(1, $"{new string('a', 60)}.example"));
        int sent = 0;
        await Seen.UntilAsync("it is cut off", () =>
        {
            try
            {
                if (sent < framed.Length - 1)
                {
                    client.Send(framed.AsSpan(sent++, 1));
                }
            }
            catch (SocketException)
            {
                // That is it.
            }

            time.Advance(TimeSpan.FromSeconds(1));
            return Count(server, ServerCount.TcpClosedSlowQuery) == 1;
        });
        Assert.InRange(sent, 5, framed.Length - 2); // Long before all but its last octet had been sent.
    }

    [Fact]
    public async Task Who_does_not_read_costs_the_server_little_and_is_cut_off()
    {
        var time = new FakeTimeProvider();
        string records = string.Concat(Enumerable.Range(0, 250).Select(i => $"big TXT \"{i:D200}\"\n"));
        var data = new DnsData { Zones = new ZoneTable(new ServedZone(TestServer.Compile(records))) };
        await using DnsServer server = await StartAsync(time: time, data: data);
        using Socket client = await ConnectAsync(server);
        byte[] framed = TestQuery.Framed(TestQuery.Of(1, "big." + TestServer.Zone, DnsType.Txt));
        byte[] many = [.. Enumerable.Repeat(framed, 2000).SelectMany(octets => octets)];
        Task<int> sending = client.SendAsync(many).ContinueWith(_ => 0, TaskScheduler.Default);

        // 2,000 answers of 50,000 octets are asked for; what is made is what the two kernels hold.
        await Seen.UntilAsync("it stands still", () => server.UnreadAnswers == 1);
        long made = Count(server, ServerCount.TcpAnswers);
        Assert.InRange(made, 1, 500);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, server.OpenConnections);
        await Seen.UntilAsync("it is gone", () =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return server.OpenConnections == 0;
        });

        Assert.Equal(1, Count(server, ServerCount.TcpClosedSlowReader));
        client.Dispose();
        await sending;
    }

    [Fact]
    public async Task A_long_answer_comes_whole()
    {
        string records = string.Concat(Enumerable.Range(0, 280).Select(i => $"big TXT \"{i:D200}\"\n"));
        var data = new DnsData { Zones = new ZoneTable(new ServedZone(TestServer.Compile(records))) };
        await using DnsServer server = await StartAsync(data: data);
        using Socket client = await ConnectAsync(server);
        byte[] query = TestQuery.Of(1, "big." + TestServer.Zone, DnsType.Txt);
        await client.SendAsync((byte[])[.. Enumerable.Repeat(TestQuery.Framed(query), 20).SelectMany(octets => octets)]);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(280, SeenMessage.Read(await ReadAsync(client)).Answer.Count);
        }
    }

    [Fact]
    public async Task A_server_that_stops_answers_what_has_arrived()
    {
        DnsServer server = await StartAsync();
        using Socket client = await ConnectAsync(server);
        await AskAsync(client);
        await client.SendAsync(Enumerable.Range(0, 50).SelectMany(id => TestQuery.Framed(TestQuery.Of(id))).ToArray());
        await server.DisposeAsync();

        for (int id = 0; id < 50; id++)
        {
            Assert.Equal(id, TestQuery.Id(await ReadAsync(client)));
        }

        Assert.Empty(await ReadAsync(client));
    }

    private static async Task AskAsync(Socket client)
    {
        byte[] query = TestQuery.Of(77);
        await client.SendAsync(TestQuery.Framed(query));
        Assert.Equal(TestQuery.Refused(query), await ReadAsync(client));
    }

    /// <returns>Empty: the server has ended the connection.</returns>
    private static async Task<byte[]> ReadAsync(Socket client)
    {
        try
        {
            byte[] length = await ReadAsync(client, 2);
            return length.Length < 2 ? [] : await ReadAsync(client, (length[0] << 8) | length[1]);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return [];
        }
    }

    private static async Task<byte[]> ReadAsync(Socket client, int octets)
    {
        byte[] read = new byte[octets];
        for (int done = 0; done < octets;)
        {
            int received = await client.ReceiveAsync(read.AsMemory(done)).AsTask().WaitAsync(Seen.Limit);
            if (received == 0)
            {
                return [];
            }

            done += received;
        }

        return read;
    }

    private static long Count(DnsServer server, ServerCount count) => server.Counts[(int)count];

    private static async Task<DnsServer> StartAsync(TcpSettings? settings = null, string listen = "127.0.0.1", TimeProvider? time = null, DnsData? data = null)
    {
        var options = new DnsServerOptions { UdpThreads = 1, Tcp = settings ?? new() };
        var server = new DnsServer(new DnsDataSource(data ?? DnsData.Empty), options, time ?? TimeProvider.System);
        await server.ListenAsync([new IPEndPoint(IPAddress.Parse(listen), 0)]);
        return server;
    }

    private static async Task<Socket> ConnectAsync(DnsServer server, string address = "127.0.0.1")
    {
        var ip = IPAddress.Parse(address);
        var client = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(ip, server.Endpoints[0].Port);
        return client;
    }
}
