using System.Collections.Immutable;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Announcer.Tests.Health;

public sealed class ProbeTargetsTests
{
    [Fact]
    public void What_is_given_is_probed_in_its_order()
    {
        List<string> errors = [];
        ImmutableArray<ProbeTarget> targets = ProbeTargets.Parse(
            "http://192.0.2.1/, https://192.0.2.1/?name=www.example.net,http://[2001:db8::1]:8080,https://[2001:db8::1]/?name=www.example.net,http://localhost:81,https://x.example.net/health?a=1",
            errors);
        Assert.Empty(errors);
        Assert.Equal(
            [
                "http at 192.0.2.1:80 for -", "tls at 192.0.2.1:443 for www.example.net", "http-2 at [2001:db8::1]:8080 for -", "tls-2 at [2001:db8::1]:443 for www.example.net",
                "http-3 at 127.0.0.1:81 for -", "url at - for -",
            ],
            targets.Select(Line));
        Assert.Equal("https://x.example.net/health?a=1", targets[^1].Url.ToString());
        Assert.Equal("https://[2001:db8::1]:443/?name=www.example.net", targets[3].Url.OriginalString);
    }

    [Theory]
    [InlineData("192.0.2.1", "give a URL")]
    [InlineData("ftp://192.0.2.1/", "give a URL")]
    [InlineData("http://user@192.0.2.1/", "give a URL")]
    [InlineData("http://192.0.2.1/#x", "give a URL")]
    [InlineData("http://www.example.net/", "give the address that visitors come to")]
    [InlineData("https://www.example.net/?name=www.example.net", "give the address that visitors come to")]
    [InlineData("http://192.0.2.1/?name=www.example.net", "without TLS no name is asked for")]
    [InlineData("https://192.0.2.1/", "say which host of a site to ask for: https://192.0.2.1/?name=www.example.net")]
    [InlineData("https://192.0.2.1/?name=", "say which host")]
    [InlineData("https://192.0.2.1/?name=a b", "say which host")]
    [InlineData("https://192.0.2.1/?name=*.example.net", "say which host")]
    [InlineData("https://192.0.2.1/?name=192.0.2.7", "say which host")]
    [InlineData("https://192.0.2.1/?host=www.example.net", "say which host")]
    [InlineData(",", "give 1 to 8 URLs")]
    [InlineData("http://1.1.1.1,http://1.1.1.1,http://1.1.1.1,http://1.1.1.1,http://1.1.1.1,http://1.1.1.1,http://1.1.1.1,http://1.1.1.1,http://1.1.1.1", "give 1 to 8 URLs")]
    public void What_cannot_be_meant_is_refused_with_the_way_out(string text, string expected)
    {
        List<string> errors = [];
        Assert.Empty(ProbeTargets.Parse(text, errors));
        Assert.Contains(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:80", "[::]:443", "www.example.net", "http at 127.0.0.1:80 for -|tls at [::1]:443 for www.example.net")]
    [InlineData("192.0.2.1:8080", null, "www.example.net", "http at 192.0.2.1:8080 for -")]
    [InlineData(null, "192.0.2.1:443", "www.example.net", "tls at 192.0.2.1:443 for www.example.net")]
    [InlineData(null, "192.0.2.1:443", null, "")] // no certificate: every handshake fails, for visitors too, and none is asked for
    [InlineData(null, "192.0.2.1:443", "a name\r\n", "")]
    [InlineData("nonsense", "192.0.2.1:0", "www.example.net", "")]
    [InlineData(null, null, null, "")]
    public void Where_an_edge_listens_it_is_probed(string? http, string? https, string? name, string expected)
    {
        var edge = new EdgeLocal { Pop = "waw", Edge = "waw1", Connections = 0, TlsName = name, Addresses = new EdgeAddresses { Http = http, Https = https } };
        Assert.Equal(expected, string.Join('|', ProbeTargets.Of(edge).Select(Line)));
    }

    private static string Line(ProbeTarget target) => $"{target.Check} at {target.At?.ToString() ?? "-"} for {target.TlsName ?? "-"}";
}
