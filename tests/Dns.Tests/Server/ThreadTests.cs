using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Server;

/// <summary>What the threads that answer do besides answering.</summary>
public sealed class ThreadTests
{
    private const string Name = "mail." + TestServer.Zone;

    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task A_batch_is_one_call_each_way()
    {
        const int Queries = 400;
        using var gate = new ManualResetEventSlim();
        await using DnsServer server = await StartAsync(HookedZone.Data(() => gate.Wait(Seen.Limit)));
        using UdpClient client = Client(server);
        for (int i = 0; i < Queries; i++)
        {
            await client.SendAsync(TestQuery.Of(i, Name));
        }

        gate.Set();
        var ids = new HashSet<int>();
        for (int i = 0; i < Queries; i++)
        {
            ids.Add(TestQuery.Id((await client.ReceiveAsync().WaitAsync(Seen.Limit)).Buffer));
        }

        // The first batch is what had come by then; all others but the last are of 64.
        Assert.Equal(Queries, ids.Count);
        await Seen.UntilAsync("all are counted", () => server.Counts[(int)ServerCount.UdpAnswers] == Queries);
        Assert.InRange(server.Counts[(int)ServerCount.UdpCalls], 2 * (Queries / 64), 60);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_allocated_for_a_query(bool isPortable)
    {
        const int First = 2000, Last = 6000;
        long atFirst = -1, atLast = -1;
        int seen = 0;
        DnsDataSource data = HookedZone.Data(() =>
        {
            if (++seen == First)
            {
                // What is left of the thread's allocation context counts as allocated when a collection takes it: now, and not in between.
                GC.Collect();
            }

            atFirst = seen == First ? GC.GetAllocatedBytesForCurrentThread() : atFirst;
            atLast = seen == Last ? GC.GetAllocatedBytesForCurrentThread() : atLast;
        });
        await using DnsServer server = await StartAsync(data, isPortable);
        using UdpClient client = Client(server);
        for (int i = 0; i < Last; i++)
        {
            await client.SendAsync(TestQuery.Of(i, Name));
            await client.ReceiveAsync().WaitAsync(Seen.Limit);
        }

        Assert.NotEqual(-1, atLast);
        Assert.Equal(atFirst, atLast);
    }

    [Fact]
    public async Task A_mistake_of_ours_costs_one_answer_and_is_told()
    {
        int queries = 0;
        await using DnsServer server = await StartAsync(HookedZone.Data(() =>
        {
            if (++queries % 2 == 1)
            {
                throw new InvalidOperationException("a mistake");
            }
        }));
        using UdpClient client = Client(server);
        await client.SendAsync(TestQuery.Of(1, Name));
        await client.SendAsync(TestQuery.Of(2, Name));
        Assert.Equal(2, TestQuery.Id((await client.ReceiveAsync().WaitAsync(Seen.Limit)).Buffer));

        using var stream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await stream.ConnectAsync(server.Endpoints[0]);
        await stream.SendAsync(TestQuery.Framed(TestQuery.Of(3, Name)));
        Assert.Equal(0, await EndAsync(stream));
        await client.SendAsync(TestQuery.Of(4, Name));
        Assert.Equal(4, TestQuery.Id((await client.ReceiveAsync().WaitAsync(Seen.Limit)).Buffer));

        Assert.Equal(2, server.Counts[(int)ServerCount.Faults]);
        Assert.Equal("a mistake", server.LastFault?.Message);
    }

    [Fact]
    public async Task What_has_arrived_when_an_endpoint_goes_is_answered()
    {
        const int Queries = 300;
        using var gate = new ManualResetEventSlim();
        await using DnsServer server = await StartAsync(HookedZone.Data(() => gate.Wait(Seen.Limit)));
        using UdpClient client = Client(server);
        for (int i = 0; i < Queries; i++)
        {
            await client.SendAsync(TestQuery.Of(i, Name));
        }

        Task closing = server.ListenAsync([]);
        gate.Set();
        await closing;

        for (int i = 0; i < Queries; i++)
        {
            await client.ReceiveAsync().WaitAsync(Seen.Limit);
        }

        Assert.Empty(server.Endpoints);
        Assert.Equal(Queries, server.Counts[(int)ServerCount.UdpAnswers]);
        Assert.Equal(Queries, server.Answered.Sum(counters => counters[DnsCount.Udp]));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public async Task From_the_moment_when_a_server_goes_queries_come_to_the_one_that_has_taken_over(string address)
    {
        using var gate = new ManualResetEventSlim();
        int held = 0;
        var old = new DnsServer(
            HookedZone.Data(() =>
            {
                Interlocked.Increment(ref held);
                gate.Wait(); // Longer than any client below waits.
            }),
            new DnsServerOptions { UdpThreads = 1 },
            TimeProvider.System);
        await old.ListenAsync([new IPEndPoint(IPAddress.Parse(address), 0)]);
        using UdpClient first = Client(old);
        await first.SendAsync(TestQuery.Of(1, Name));
        await Seen.UntilAsync("the old thread is busy", () => Volatile.Read(ref held) == 1);
        await using var next = new DnsServer(new DnsDataSource(DnsData.Empty), new DnsServerOptions { UdpThreads = 1 }, TimeProvider.System);
        await next.ListenAsync([old.Endpoints[0]]);

        int port = old.Endpoints[0].Port;
        Task going = old.DisposeAsync().AsTask();
        try
        {
            for (int i = 0; i < 64; i++)
            {
                using var client = new UdpClient(AddressFamily.InterNetwork);
                client.Connect(IPAddress.Loopback, port);
                await client.SendAsync(TestQuery.Of(i));
                Assert.Equal(i, TestQuery.Id((await client.ReceiveAsync().WaitAsync(Seen.Limit)).Buffer));
            }
        }
        finally
        {
            gate.Set();
        }

        Assert.Equal(1, TestQuery.Id((await first.ReceiveAsync().WaitAsync(Seen.Limit)).Buffer));
        await going;
        Assert.Equal(1, held);
    }

    [Fact]
    public async Task Threads_that_come_and_go_leave_their_counts_and_nothing_else()
    {
        await using DnsServer server = await StartAsync(new DnsDataSource(DnsData.Empty));
        for (int round = 1; round <= 5; round++)
        {
            using (UdpClient client = Client(server))
            {
                await client.SendAsync(TestQuery.Of(round));
                await client.ReceiveAsync().WaitAsync(Seen.Limit);
            }

            await server.ListenAsync([]);
            Assert.Equal(round, server.Counts[(int)ServerCount.UdpAnswers]);
            await server.ListenAsync([AnyPort]);
        }

        Assert.Equal(5, Assert.Single(server.Answered)[DnsCount.Udp]);
    }

    private static async Task<int> EndAsync(Socket stream)
    {
        try
        {
            return await stream.ReceiveAsync(new byte[512]).WaitAsync(Seen.Limit);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task<DnsServer> StartAsync(DnsDataSource data, bool isPortable = false)
    {
        var server = new DnsServer(data, new DnsServerOptions { UdpThreads = 1, IsPortable = isPortable }, TimeProvider.System);
        await server.ListenAsync([AnyPort]);
        return server;
    }

    private static UdpClient Client(DnsServer server)
    {
        var client = new UdpClient(AddressFamily.InterNetwork);
        client.Client.ReceiveBufferSize = 1024 * 1024;
        client.Connect(IPAddress.Loopback, server.Endpoints[0].Port);
        return client;
    }
}
