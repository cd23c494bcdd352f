using System.IO.Compression;
using System.Text;
using OrleansCdn.Silo.Prewarm;

namespace OrleansCdn.Silo.Tests;

public sealed class SitemapReaderTests
{
    private const string Namespace = "http://www.sitemaps.org/schemas/sitemap/0.9";

    private static Task<Sitemap> ReadAsync(string xml, int max = 100) =>
        SitemapReader.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(xml)), max, CancellationToken.None);

    [Fact]
    public async Task Pages_are_those_of_the_protocol_and_not_their_images()
    {
        Sitemap map = await ReadAsync($"""
            <?xml version="1.0" encoding="UTF-8"?>
            <urlset xmlns="{Namespace}" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
              <url><loc> http://www.example.net/?a=1&amp;b=2 </loc><lastmod>2026-01-01</lastmod><image:image><image:loc>http://www.example.net/i.png</image:loc></image:image></url>
              <url><loc><![CDATA[http://www.example.net/b]]></loc></url><url><loc>http://www.example.net/c</loc></url><url><priority>1</priority></url>
            </urlset>
            """);
        Assert.Null(map.Error);
        Assert.False(map.IsIndex);
        Assert.Equal(["http://www.example.net/?a=1&b=2", "http://www.example.net/b", "http://www.example.net/c"], map.Locations);
    }

    [Fact]
    public async Task An_index_says_so() =>
        Assert.True((await ReadAsync($"<sitemapindex xmlns='{Namespace}'><sitemap><loc>http://www.example.net/1.xml</loc></sitemap></sitemapindex>")).IsIndex);

    [Theory]
    [InlineData("<!DOCTYPE urlset [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>")]
    [InlineData("<!DOCTYPE urlset SYSTEM 'http://127.0.0.1/x.dtd'><urlset/>")]
    [InlineData("<!DOCTYPE r [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&f;</loc></url></urlset>")]
    [InlineData("<urlset><url><loc>http://www.example.net/<b/></loc></url></urlset>")]
    [InlineData("<urlset><url>")]
    [InlineData("<html><body/></html>")]
    [InlineData("")]
    [InlineData("not xml")]
    public async Task Hostile_and_broken_ones_are_refused(string xml) => Assert.NotNull((await ReadAsync(xml)).Error);

    [Fact]
    public async Task Depth_and_count_are_bounded()
    {
        Assert.NotNull((await ReadAsync("<urlset>" + string.Concat(Enumerable.Repeat("<a>", 10_000)))).Error);
        Assert.NotNull((await ReadAsync("<urlset>" + string.Concat(Enumerable.Repeat("<url><loc>x</loc></url>", 101)) + "</urlset>")).Error);
        Assert.NotNull((await ReadAsync("<urlset><url><loc>" + new string('x', 70_000) + "</loc></url></urlset>")).Error);
    }

    [Fact]
    public async Task What_unpacks_to_too_much_ends()
    {
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("<urlset>" + new string(' ', 1_000_000)));
        }

        packed.Position = 0;
        await Assert.ThrowsAsync<InvalidDataException>(() => SitemapReader.ReadAsync(
            new BoundedStream(new GZipStream(packed, CompressionMode.Decompress), 100_000), 100, CancellationToken.None));
    }
}
