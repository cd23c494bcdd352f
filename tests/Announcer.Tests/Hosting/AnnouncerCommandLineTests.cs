using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Announcer.Hosting;
using OrleansCdn.Node.Hosting;

namespace OrleansCdn.Announcer.Tests.Hosting;

public sealed class AnnouncerCommandLineTests
{
    private static readonly string[] WithSilo = ["--pop", "waw", "--edge", "waw1", "--silo", "http://127.0.0.1:8444", "--data", "/var/lib/x"];

    [Fact]
    public void What_is_given_is_what_is_meant()
    {
        AnnouncerOptions options = Good([.. WithSilo, "--router-id", "192.0.2.7", "--source", "192.0.2.1,2001:db8::1", "--next-hop-ipv6", "2001:db8::2",
            "--listen", "[::]:179", "--admin", "127.0.0.1:9181", "--probe", "https://192.0.2.1/health", "--rise", "5", "--edge-admin", "http://127.0.0.1:9182", "--probe-ca", "ca.pem"]);
        Assert.Equal(("waw", "waw1", 0xc0000207u, 5), (options.Pop, options.Edge, options.Addresses.RouterId, options.Rise));
        Assert.Equal([IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")], options.Addresses.Sources.AsEnumerable());
        Assert.Equal(("[::]:179", "https://192.0.2.1/health"), (options.Listen!.ToString(), options.Probes.Single().Url.ToString()));
        Assert.Equal(("http://127.0.0.1:9182/", "ca.pem", true), (options.EdgeAdmin!.ToString(), options.ProbeAuthorities, options.NeedsProof));
        Assert.Null(options.Addresses.NextHopIpv4);

        AnnouncerOptions standalone = Good(["--standalone", "--desired", "x.json", "--no-probe"]);
        Assert.True(standalone.IsStandalone);
        Assert.Equal((false, null), (standalone.NeedsProof, standalone.EdgeAdmin));
        AnnouncerOptions plain = Good(WithSilo);
        Assert.Equal((true, 0, "http://127.0.0.1:9180/"), (plain.NeedsProof, plain.Probes.Length, plain.EdgeAdmin!.ToString()));
        Assert.Null(Good(WithSilo).Rise);
    }

    [Fact]
    public void The_environment_fills_in() =>
        Assert.Equal("lax", AnnouncerCommandLine.Read(WithSilo[2..], name => name == "CDN_ANNOUNCER_POP" ? "lax" : null).Options!.Pop);

    [Theory]
    [InlineData("--pop POP is missing", "--edge", "e", "--silo", "http://127.0.0.1:1", "--data", "d")]
    [InlineData("--desired FILE is missing", "--standalone")]
    [InlineData("--silo does not belong here", "--standalone", "--desired", "f", "--silo", "http://127.0.0.1:1")]
    [InlineData("a BGP Identifier is not 0", "--standalone", "--desired", "f", "--router-id", "0.0.0.0")]
    [InlineData("is not an IPv4 address", "--standalone", "--desired", "f", "--router-id", "7")]
    [InlineData("is not an IPv6 address", "--standalone", "--desired", "f", "--next-hop-ipv6", "192.0.2.1")]
    [InlineData("there is one of its family already", "--standalone", "--desired", "f", "--source", "192.0.2.1,192.0.2.2")]
    [InlineData("say the opposite", "--standalone", "--desired", "f", "--probe", "http://127.0.0.1/", "--no-probe")]
    [InlineData("no answers to count", "--standalone", "--desired", "f", "--no-probe", "--rise", "3")]
    [InlineData("give a number, 1 to 3600", "--standalone", "--desired", "f", "--rise", "0")]
    [InlineData("give a URL", "--standalone", "--desired", "f", "--probe", "127.0.0.1")]
    [InlineData("say which host of a site", "--standalone", "--desired", "f", "--probe", "http://127.0.0.1/,https://127.0.0.1/")]
    [InlineData("no certificate is looked at", "--standalone", "--desired", "f", "--no-probe", "--probe-ca", "f")]
    [InlineData("give the admin address of the edge", "--standalone", "--desired", "f", "--edge-admin", "http://127.0.0.1:9180/health")]
    [InlineData("plain HTTP to another machine", "--pop", "p", "--edge", "e", "--data", "d", "--silo", "http://192.0.2.1:1")]
    [InlineData("give --peer-certificate, --peer-key and --ca", "--pop", "p", "--edge", "e", "--data", "d", "--silo", "https://192.0.2.1:1")]
    [InlineData("is not an option", "--standalone", "--desired", "f", "--nonsense")]
    public void Every_mistake_says_how_to_mend_it(string expected, params string[] arguments)
    {
        CommandLineResult<AnnouncerOptions> result = AnnouncerCommandLine.Read(arguments, _ => null);
        Assert.Null(result.Options);
        Assert.Contains(result.Errors, e => e.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void The_identifier_is_the_same_after_each_start_and_never_0()
    {
        ImmutableArray<IPAddress> host = [IPAddress.Parse("192.0.2.9"), IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.4"), IPAddress.Loopback, IPAddress.Any];
        Assert.Equal(0xc0000204u, RouterIds.Of("waw", "waw1", [], host));
        Assert.Equal(0xc0000204u, RouterIds.Of("waw", "waw1", [], host.Reverse()));
        Assert.Equal(0xc0000209u, RouterIds.Of("waw", "waw1", [IPAddress.Parse("192.0.2.9")], host));
        uint made = RouterIds.Of("waw", "waw1", [], []);
        Assert.NotEqual(0u, made);
        Assert.Equal(made, RouterIds.Of("waw", "waw1", [], [IPAddress.Loopback]));
        Assert.NotEqual(made, RouterIds.Of("waw", "waw2", [], []));
    }

    [Fact]
    public void Help_is_help() => Assert.True(AnnouncerCommandLine.Read(["-h"], _ => null).HelpWanted);

    private static AnnouncerOptions Good(string[] arguments)
    {
        CommandLineResult<AnnouncerOptions> result = AnnouncerCommandLine.Read(arguments, _ => null);
        Assert.Empty(result.Errors);
        return result.Options!;
    }
}
