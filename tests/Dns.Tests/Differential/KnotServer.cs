using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Differential;

/// <summary>A real knotd on loopback with one zone, asked over TCP. Ended with the test.</summary>
internal sealed class KnotServer : IDisposable
{
    /// <summary>Where Debian has daemons, which is not on the path of everyone.</summary>
    private static readonly string[] s_places = ["/usr/sbin/knotd", "/sbin/knotd", "/usr/local/sbin/knotd"];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cdn-knot-");
    private readonly Process _process;
    private readonly TcpClient _client;

    private KnotServer(string zone, string text)
    {
        string path = s_places.FirstOrDefault(File.Exists) ?? throw new FileNotFoundException("knotd is missing: apt-get install knot");
        int port = FreePort();
        File.WriteAllText(Path.Combine(_directory.FullName, "zone"), text);
        File.WriteAllText(Path.Combine(_directory.FullName, "knot.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            server:
                rundir: "{_directory.FullName}"
                listen: 127.0.0.1@{port}
                tcp-workers: 1
                udp-workers: 1
                background-workers: 1
            database:
                storage: "{_directory.FullName}"
            log:
              - target: stderr
                any: warning
            zone:
              - domain: {zone}
                storage: "{_directory.FullName}"
                file: zone
                zonefile-sync: -1
                journal-content: none
                semantic-checks: off
            """));
        _process = Process.Start(new ProcessStartInfo(path, ["-c", Path.Combine(_directory.FullName, "knot.conf")]) { RedirectStandardError = true })!;
        try
        {
            _client = Connect(port);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static KnotServer Start(string zone, string text) => new(zone, text);

    public byte[] Ask(ReadOnlySpan<byte> query)
    {
        NetworkStream stream = _client.GetStream();
        byte[] framed = new byte[2 + query.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Length);
        query.CopyTo(framed.AsSpan(2));
        stream.Write(framed);
        byte[] length = new byte[2];
        stream.ReadExactly(length);
        byte[] answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        stream.ReadExactly(answer);
        return answer;
    }

    public void Dispose()
    {
        _client?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit(s_patience);
        }

        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>It listens before the zone is loaded, and refuses until then.</summary>
    private TcpClient Connect(int port)
    {
        Task<string> said = _process.StandardError.ReadToEndAsync();
        for (long begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < s_patience;)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"knotd ended: {said.Result}");
            }

            var client = new TcpClient { ReceiveTimeout = (int)s_patience.TotalMilliseconds };
            try
            {
                client.Connect(IPAddress.Loopback, port);
                return client;
            }
            catch (SocketException)
            {
                client.Dispose();
                Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System).Wait();
            }
        }

        throw new TimeoutException("knotd does not listen");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
