using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Cli.Tests.Commands;

/// <summary>An npm registry with the packages that the test puts into it, on a free loopback port.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string Manifest, byte[] Tarball)> _packages = new();

    private TestRegistry(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    /// <summary>Octets of a tarball after which the connection is broken off; null: never.</summary>
    public int? BreakAfter { get; set; }

    /// <summary>Whether it sends what is left of a tarball, or all of it whatever was asked for.</summary>
    public bool KnowsRanges { get; set; } = true;

    /// <summary>A tarball goes on wherever one asks for it.</summary>
    public bool IsEndless { get; set; }

    /// <summary>The Range of each request for a tarball; empty: none.</summary>
    public ConcurrentQueue<string> Ranges { get; } = new();

    public static async Task<TestRegistry> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var registry = new TestRegistry(builder.Build());
        registry._app.Run(registry.HandleAsync);
        await registry._app.StartAsync();
        return registry;
    }

    /// <param name="name">With its scope.</param>
    /// <param name="version">The newest from now on.</param>
    /// <param name="tarball">See <see cref="Pack"/>.</param>
    /// <param name="integrity">Null: the right one.</param>
    public void Publish(string name, string version, byte[] tarball, string? integrity = null)
    {
        integrity ??= "sha512-" + Convert.ToBase64String(SHA512.HashData(tarball));

        // Mirrors repeat the public registry's addresses.
        string manifest = $$"""{"name":"{{name}}","version":"{{version}}","license":"CC0-1.0","dist":{"integrity":"{{integrity}}","tarball":"https://registry.npmjs.org/{{name}}/-/x.tgz"} }""";
        _packages[name] = (manifest, tarball);
    }

    public static byte[] Pack(params (string Name, byte[] Content)[] files)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach ((string name, byte[] content) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
            }
        }

        return packed.ToArray();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        string path = Uri.UnescapeDataString(context.Request.Path.Value!)[1..];
        foreach ((string name, (string manifest, byte[] tarball)) in _packages)
        {
            if (path == name + "/latest")
            {
                await context.Response.WriteAsync(manifest);
                return;
            }

            if (path == name + "/-/x.tgz")
            {
                await SendAsync(context, tarball);
                return;
            }
        }

        context.Response.StatusCode = 404;
    }

    private async Task SendAsync(HttpContext context, byte[] tarball)
    {
        string range = context.Request.Headers.Range.ToString();
        Ranges.Enqueue(range);
        if (IsEndless)
        {
            long at = long.Parse(range["bytes=".Length..^1], null);
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {at}-{at + tarball.Length - 1}/*";
            await context.Response.Body.WriteAsync(tarball);
            return;
        }

        if (!KnowsRanges)
        {
            range = "";
        }

        int from = range.Length == 0 ? 0 : int.Parse(range["bytes=".Length..^1], null);
        if (from >= tarball.Length)
        {
            context.Response.StatusCode = 416;
            return;
        }

        if (range.Length > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{tarball.Length - 1}/{tarball.Length}";
        }

        context.Response.ContentLength = tarball.Length - from;
        int end = Math.Min(tarball.Length, from + (BreakAfter ?? tarball.Length));
        await context.Response.Body.WriteAsync(tarball.AsMemory(from, end - from));
        if (end < tarball.Length)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }
}
