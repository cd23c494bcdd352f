using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Server.Tcp;
using OrleansCdn.Dns.Server.Udp;

namespace OrleansCdn.Dns.Server;

/// <summary>The UDP sockets and the TCP listener of one endpoint, all on one port.</summary>
internal sealed class ListeningEndpoint : IAsyncDisposable
{
    private readonly ImmutableArray<UdpWorker> _workers;
    private readonly TcpAcceptor _acceptor;

    private ListeningEndpoint(IPEndPoint asked, ImmutableArray<UdpWorker> workers, TcpAcceptor acceptor)
    {
        Asked = asked;
        _workers = workers;
        _acceptor = acceptor;
    }

    public IPEndPoint Asked { get; }

    public IPEndPoint Local => _acceptor.Local;

    public IEnumerable<UdpDesk> Desks => _workers.Select(worker => worker.Desk);

    /// <exception cref="SocketException">The address or the port cannot be had.</exception>
    public static async Task<ListeningEndpoint> OpenAsync(
        IPEndPoint endpoint,
        DnsServerOptions options,
        Func<IPEndPoint, string, UdpWorker> openUdp,
        Func<IPEndPoint, TcpAcceptor> openTcp,
        Action<UdpDesk> release)
    {
        // TCP first: a port that the system chose there is more likely free over UDP than the other way round.
        TcpAcceptor acceptor = openTcp(endpoint);
        var workers = new List<UdpWorker>(options.UdpThreads);
        try
        {
            // Several sockets on one port are Linux's: elsewhere the last one would get everything.
            int threads = LinuxSockets.AreUsable ? Math.Max(1, options.UdpThreads) : 1;
            for (int i = 0; i < threads; i++)
            {
                workers.Add(openUdp(acceptor.Local, $"dns-udp-{i}"));
            }

            return new ListeningEndpoint(endpoint, [.. workers], acceptor);
        }
        catch
        {
            workers.ForEach(worker =>
            {
                worker.Dispose();
                release(worker.Desk);
            });
            await acceptor.DisposeAsync();
            throw;
        }
    }

    public void Start()
    {
        foreach (UdpWorker worker in _workers)
        {
            worker.Start();
        }
    }

    /// <summary>Answers what has arrived over UDP, and takes no more connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (UdpWorker worker in _workers)
        {
            worker.Retire();
        }

        await _acceptor.DisposeAsync();
        await Task.Run(() =>
        {
            foreach (UdpWorker worker in _workers)
            {
                worker.Dispose();
            }
        });
    }
}
