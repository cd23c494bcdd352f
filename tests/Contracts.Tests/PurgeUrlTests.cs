using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Tests;

public sealed class PurgeUrlTests
{
    [Theory]
    [InlineData("http://www.example.net/", "http://www.example.net/", "https://www.example.net/")]
    [InlineData("HTTPS://WWW.Example.Net", "https://www.example.net/", "http://www.example.net/")]
    [InlineData("http://h:80/a", "http://h/a", "https://h/a")]
    [InlineData("https://h:443/a", "https://h/a", "http://h/a")]
    [InlineData("http://h:443/a", "http://h:443/a", "https://h/a")]
    [InlineData("http://h:8080/a", "http://h:8080/a", "https://h:8080/a")]
    [InlineData("http://h:/a", "http://h/a", "https://h/a")]
    [InlineData("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a", "https://[2001:db8::1]:8080/a")]
    [InlineData("http://[::1]/a", "http://[::1]/a", "https://[::1]/a")]
    [InlineData("http://h?q", "http://h/?q", "https://h/?q")]
    [InlineData("http://h/a?", "http://h/a?", "https://h/a?")]
    [InlineData("http://h/A/../%7e//b;c?X=%2F&x=1", "http://h/A/../%7e//b;c?X=%2F&x=1", "https://h/A/../%7e//b;c?X=%2F&x=1")]
    public void Scheme_and_host_are_lowered_a_default_port_goes_and_the_rest_stays(string text, string expected, string twin)
    {
        Assert.True(PurgeUrl.TryParse(text, out PurgeUrl url, out string? error), error);
        Assert.Equal(expected, url.ToString());
        Assert.Equal(twin, url.OtherScheme().ToString());
        Assert.True(PurgeUrl.TryParse(expected, out PurgeUrl again, out _));
        Assert.Equal(url, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("ftp://h/")]
    [InlineData("http://")]
    [InlineData("http:///a")]
    [InlineData("http://u@h/")]
    [InlineData("http://h/a#b")]
    [InlineData("http://h/a b")]
    [InlineData("http://h/ä")]
    [InlineData("http://h:0/")]
    [InlineData("http://h:65536/")]
    [InlineData("http://h:x/")]
    [InlineData("http://a:b:1/")]
    [InlineData("http://[::1/")]
    [InlineData("http://h\"/")]
    public void Anything_else_is_refused_with_a_reason(string text)
    {
        Assert.False(PurgeUrl.TryParse(text, out _, out string? error));
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("HTTP", "WWW.Example.Net:80", "/a?b", "http://www.example.net/a?b")]
    [InlineData("https", "h:8443", "/", "https://h:8443/")]
    [InlineData("https", "[::1]:443", "/", "https://[::1]/")]
    public void An_edge_forms_the_same_text_from_a_request(string scheme, string authority, string target, string expected)
    {
        Assert.Equal(expected, PurgeUrl.Of(scheme, authority, target));
        Assert.True(PurgeUrl.TryParse(expected, out PurgeUrl url, out _));
        Assert.Equal(expected, url.ToString());
    }
}
