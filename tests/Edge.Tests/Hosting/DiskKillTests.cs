using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Tests.Control;
using OrleansCdn.Edge.Tests.Http;
using Xunit.Abstractions;

namespace OrleansCdn.Edge.Tests.Hosting;

/// <summary>
/// A real edge with a disk, killed at random points while it is asked, fills and purges. Bodies carry their own hash and
/// the generation of their object; a purge is a new generation. CDN_DISK_KILLS sets how often.
/// </summary>
public sealed class DiskKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Objects = 40;
    private const int Askers = 3;

    private readonly TempDirectory _data = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly long[] _generation = new long[Objects];

    /// <summary>Lowest generation that may be served: the edge has acknowledged the purge of those before.</summary>
    private readonly long[] _acknowledged = new long[Objects];
    private readonly ConcurrentQueue<string> _wrong = new();
    private long _fromDisk;
    private long _answers;
    private int _port;

    public void Dispose()
    {
        _http.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Killed_at_any_point_it_serves_nothing_damaged_and_nothing_purged()
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable("CDN_DISK_KILLS") ?? "20");
        int seed = int.Parse(Environment.GetEnvironmentVariable("CDN_DISK_SEED") ?? "7");
        output.WriteLine($"seed {seed}, {kills} kills");
        var random = new Random(seed);
        await using TestOrigin origin = await TestOrigin.StartAsync(AnswerAsync);
        await using ScriptedPurgeLog log = await ScriptedPurgeLog.StartAsync();
        _port = FreePort();
        SaveConfig(origin.Url);
        using CancellationTokenSource end = new();
        Task[] running = [.. Enumerable.Range(0, Askers).Select(i => AskAsync(new Random(seed + i + 1), end.Token)), PurgeAsync(log, new Random(seed + 100), end.Token)];
        for (int kill = 0; kill < kills; kill++)
        {
            using Process edge = Start(log.Url);
            long until = Interlocked.Read(ref _answers) + random.Next(60);
            long purged = log.Acknowledged;
            await Control.Eventually.IsTrueAsync(() => Interlocked.Read(ref _answers) > until, () => $"kill {kill}: the edge does not answer");
            if (kill % 4 == 3)
            {
                // Not every life may end before the edge has found its silo: what was acknowledged is what must hold.
                await Control.Eventually.IsTrueAsync(() => log.Acknowledged > purged, () => $"kill {kill}: no purge is acknowledged");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300)), TimeProvider.System);
            edge.Kill();
            await edge.WaitForExitAsync();
        }

        await end.CancelAsync();
        await Task.WhenAll(running);
        output.WriteLine($"{_answers} answers, {_fromDisk} from disk, {log.Acknowledged} purges acknowledged, {origin.Requests.Count} origin requests");
        Assert.Empty(_wrong);
        Assert.NotEqual(0, _fromDisk);
        Assert.NotEqual(0, log.Acknowledged);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        int name = int.Parse(context.Request.Path.Value![1..]);
        context.Response.Headers.CacheControl = "max-age=3600";
        byte[] body = BodyOf(name, Interlocked.Read(ref _generation[name]));
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    /// <summary>
    /// Sizes from a few bytes to 4 MiB: <c>name generation</c>, filling, and the SHA-256 of both. All of them are more than the edge's memory
    /// holds: however fast the askers fill it after a start, before the disk may be used, what is left out comes from there.
    /// </summary>
    private static byte[] BodyOf(int name, long generation)
    {
        byte[] filling = new byte[name % 4 == 0 ? name * 120_000 : name * 100];
        new Random(HashCode.Combine(name, (int)generation)).NextBytes(filling);
        byte[] content = [.. Encoding.ASCII.GetBytes($"{name} {generation}\n"), .. filling];
        return [.. content, .. SHA256.HashData(content)];
    }

    private async Task AskAsync(Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            int name = random.Next(Objects);
            long least = Interlocked.Read(ref _acknowledged[name]);
            try
            {
                using HttpRequestMessage request = new(HttpMethod.Get, $"http://127.0.0.1:{_port}/{name}");
                request.Headers.Host = "www.example.net";
                using HttpResponseMessage response = await _http.SendAsync(request, end);
                byte[] body = await response.Content.ReadAsByteArrayAsync(end);
                Check(name, least, response, body);
            }
            catch (Exception error) when (TransportFailure.Is(error) || error is OperationCanceledException)
            {
                // Killed under way, or not up yet. What was read of it is thrown away by the framing, as a visitor's browser does.
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private void Check(int name, long least, HttpResponseMessage response, byte[] body)
    {
        string status = response.Headers.TryGetValues("Cache-Status", out IEnumerable<string>? values) ? string.Join(", ", values) : "";
        if (response.StatusCode != HttpStatusCode.OK || body.Length < 32 || !SHA256.HashData(body.AsSpan(0, body.Length - 32)).AsSpan().SequenceEqual(body.AsSpan(body.Length - 32)))
        {
            _wrong.Enqueue($"{name}: status {(int)response.StatusCode}, {body.Length} bytes that are not what was sent; {status}");
            return;
        }

        string[] head = Encoding.ASCII.GetString(body, 0, Array.IndexOf(body, (byte)'\n')).Split(' ');
        if (int.Parse(head[0]) != name || long.Parse(head[1]) < least)
        {
            _wrong.Enqueue($"{name}: got {head[0]} of generation {head[1]}, and the purge of those before {least} was acknowledged; {status}");
        }

        Interlocked.Increment(ref _answers);
        if (status.Contains("detail=disk", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _fromDisk);
        }
    }

    private async Task PurgeAsync(ScriptedPurgeLog log, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            int name = random.Next(Objects);
            long next = Interlocked.Increment(ref _generation[name]);
            long sequence = log.Purge(PurgeKind.Url, $"http://www.example.net/{name}");
            while (log.Acknowledged < sequence && !end.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
            }

            if (!end.IsCancellationRequested)
            {
                Interlocked.Exchange(ref _acknowledged[name], next);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(40)), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private void SaveConfig(string origin)
    {
        ConfigReadResult read = ConfigReader.Read($$"""
            cluster: { name: testcdn }
            pops:
              waw:
                location: { latitude: 52, longitude: 21, country: PL, continent: EU }
                edges: [ { name: waw1, http: "127.0.0.1:{{_port}}", memory: 16MiB, disk: { path: {{_data.File("cache")}}, size: 64MiB } } ]
            sites:
              www: { hosts: [www.example.net], origins: [ { url: "{{origin}}", allow-private: true } ] }
            """);
        Assert.True(read.Config is not null, string.Join("\n", read.Errors));
        using ControlStore store = ControlStore.Open(_data.File("data"), "waw", "waw1", new ListLogger());
        store.SaveSnapshot(new EdgeSnapshot("c", 1, read.Config));
    }

    private Process Start(Uri silo)
    {
        Process process = new()
        {
            StartInfo = new ProcessStartInfo("dotnet", $"{typeof(EdgeState).Assembly.Location} --pop waw --edge waw1 --silo {silo.GetLeftPart(UriPartial.Authority)} --data {_data.File("data")}")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
