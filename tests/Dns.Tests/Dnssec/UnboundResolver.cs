using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Tests.Kit;

namespace OrleansCdn.Dns.Tests.Dnssec;

/// <summary>A real unbound on loopback that validates the zone by its key and sends client subnets to its server. Ended with the test.</summary>
internal sealed class UnboundResolver : IAsyncDisposable
{
    /// <summary>Where Debian has daemons, which is not on the path of everyone.</summary>
    private static readonly string[] s_places = ["/usr/sbin/unbound", "/sbin/unbound", "/usr/local/sbin/unbound"];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cdn-unbound-");
    private readonly Process _process;
    private readonly Task<string> _said;

    private UnboundResolver(int server, string anchor)
    {
        Port = FreePort();
        string path = s_places.FirstOrDefault(File.Exists) ?? throw new FileNotFoundException("unbound is missing: apt-get install unbound");
        string config = Path.Combine(_directory.FullName, "unbound.conf");
        File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture, $"""
            server:
                interface: 127.0.0.1@{Port}
                do-daemonize: no
                use-syslog: no
                logfile: ""
                chroot: ""
                username: ""
                directory: "{_directory.FullName}"
                pidfile: "{_directory.FullName}/pid"
                num-threads: 1
                module-config: "subnetcache validator iterator"
                send-client-subnet: 127.0.0.1
                client-subnet-always-forward: yes
                do-not-query-localhost: no
                val-log-level: 2
                trust-anchor: "{TestServer.Zone}. DNSKEY {anchor}"
            remote-control:
                control-enable: no
            stub-zone:
                name: "{TestServer.Zone}"
                stub-addr: 127.0.0.1@{server}
            """));
        _process = Process.Start(new ProcessStartInfo(path, ["-d", "-p", "-c", config]) { RedirectStandardError = true })!;
        _said = _process.StandardError.ReadToEndAsync();
    }

    public int Port { get; }

    public static async Task<UnboundResolver> StartAsync(int server, string anchor)
    {
        var resolver = new UnboundResolver(server, anchor);
        for (long begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < s_patience;)
        {
            if (resolver._process.HasExited)
            {
                throw new InvalidOperationException($"unbound ended: {await resolver._said}");
            }

            if ((await resolver.DigAsync("+tries=1", "+time=1", "CH", "TXT", "id.server.")).Contains("->>HEADER<<-", StringComparison.Ordinal))
            {
                return resolver;
            }
        }

        await resolver.DisposeAsync();
        throw new TimeoutException("unbound does not answer");
    }

    public Task<string> DigAsync(params string[] question) =>
        Tool.OutputAsync("dig", ["@127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "+dnssec", .. question]);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _said;
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
