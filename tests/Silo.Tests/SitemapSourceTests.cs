using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Silo.Prewarm;

namespace OrleansCdn.Silo.Tests;

public sealed class SitemapSourceTests
{
    [Fact]
    public async Task An_index_with_packed_parts_is_read_from_the_origin()
    {
        await using Maps maps = await Maps.StartAsync(path => path switch
        {
            "/index.xml" => Plain("<sitemapindex><sitemap><loc>http://www.example.net/1.xml</loc></sitemap><sitemap><loc>http://www.example.net/2.xml.gz</loc></sitemap></sitemapindex>"),
            "/1.xml" => Plain("<urlset><url><loc>http://www.example.net/a</loc></url></urlset>"),
            "/2.xml.gz" => Packed("<urlset><url><loc>http://www.example.net/b</loc></url></urlset>"),
            _ => null,
        });
        (IReadOnlyList<string> urls, string? error) = await maps.ReadAsync("http://www.example.net/index.xml");
        Assert.Null(error);
        Assert.Equal(["http://www.example.net/a", "http://www.example.net/b"], urls);
        Assert.All(maps.Hosts, host => Assert.Equal("www.example.net", host));
    }

    [Theory]
    [InlineData("http://other.example.net/1.xml", "belongs to")]
    [InlineData("http://www.example.net/elsewhere.xml", "belongs to")]
    [InlineData("http://www.example.net/nested.xml", "index in an index")]
    [InlineData("http://www.example.net/away.xml", "302")]
    [InlineData("http://www.example.net/none.xml", "404")]
    [InlineData("http://www.example.net/bomb.xml", "larger than")]
    public async Task What_leads_elsewhere_or_never_ends_is_refused(string url, string reason)
    {
        await using Maps maps = await Maps.StartAsync(path => path switch
        {
            "/elsewhere.xml" => Plain("<sitemapindex><sitemap><loc>http://127.0.0.1:1/1.xml</loc></sitemap></sitemapindex>"),
            "/nested.xml" => Plain("<sitemapindex><sitemap><loc>http://www.example.net/nested.xml</loc></sitemap></sitemapindex>"),
            "/bomb.xml" => Packed("<urlset>" + new string(' ', SitemapSource.MaxBytes)),
            _ => null,
        });
        (IReadOnlyList<string> urls, string? error) = await maps.ReadAsync(url);
        Assert.Empty(urls);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_origin_on_an_address_that_the_site_does_not_allow_is_not_asked()
    {
        await using Maps maps = await Maps.StartAsync(_ => Plain("<urlset/>"), allowPrivate: false);
        Assert.NotNull((await maps.ReadAsync("http://www.example.net/1.xml")).Error);
        Assert.Empty(maps.Hosts);
    }

    /// <summary>Connections stay open: the one of the first site would do.</summary>
    [Fact]
    public async Task A_site_does_not_use_a_connection_that_only_another_one_may_have()
    {
        await using Maps maps = await Maps.StartAsync(_ => Plain("<urlset/>"));
        Assert.Null((await maps.ReadAsync("http://www.example.net/1.xml")).Error);
        Assert.NotNull((await maps.ReadAsync("http://www.example.net/1.xml", allowPrivate: false)).Error);
        Assert.Single(maps.Hosts);
    }

    private static byte[] Plain(string xml) => Encoding.UTF8.GetBytes(xml);

    private static byte[] Packed(string xml)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(xml));
        }

        return packed.ToArray();
    }

    /// <summary>An origin with sitemaps, and the config of its site.</summary>
    private sealed class Maps(WebApplication app, CdnConfig config) : IAsyncDisposable
    {
        private readonly SitemapSource _source = new(TimeProvider.System);

        public System.Collections.Concurrent.ConcurrentQueue<string> Hosts { get; } = new();

        public static async Task<Maps> StartAsync(Func<string, byte[]?> answer, bool allowPrivate = true)
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            WebApplication app = builder.Build();
            Maps? maps = null;
            app.Run(async context =>
            {
                maps!.Hosts.Enqueue(context.Request.Host.Value ?? "");
                if (context.Request.Path == "/away.xml")
                {
                    context.Response.Redirect("http://127.0.0.1:1/");
                }
                else if (answer(context.Request.Path.Value!) is { } body)
                {
                    await context.Response.Body.WriteAsync(body);
                }
                else
                {
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                }
            });
            await app.StartAsync();
            CdnConfig config = ConfigReader.Read(TestData.Yaml).Config!;
            SiteConfig site = config.FindSite("www")!;
            OriginConfig origin = site.Origins[0] with { Url = new Uri(app.Urls.First()), AllowPrivate = allowPrivate, HostHeader = null };
            config = config with { Sites = config.Sites.Replace(site, site with { Origins = [origin] }) };
            return maps = new Maps(app, config);
        }

        public Task<(IReadOnlyList<string> Urls, string? Error)> ReadAsync(string url, bool? allowPrivate = null)
        {
            SiteConfig site = config.FindSite("www")!;
            OriginConfig origin = site.Origins[0];
            return _source.ReadAsync(url, config, site with { Origins = [origin with { AllowPrivate = allowPrivate ?? origin.AllowPrivate }] }, CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            _source.Dispose();
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
        }
    }
}
