using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Hosting;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Hosting;

public sealed class ListenPlanTests
{
    private static readonly EdgeConfig Entry = new()
    {
        Name = "waw1",
        Http = IPEndPoint.Parse("[::]:80"),
        Https = IPEndPoint.Parse("[::]:443"),
        Peer = IPEndPoint.Parse("192.0.2.10:8443"),
        Admin = IPEndPoint.Parse("127.0.0.1:9180"),
        MemoryBytes = 1,
    };

    private static EdgeOptions Options(ListenAddresses listen, bool standalone = false, bool only = false) => new()
    {
        Pop = "waw",
        Silos = [],
        Listen = listen,
        ConfigFile = standalone ? "f" : null,
        OnlyNamedListeners = only,
    };

    [Fact]
    public void What_the_command_line_leaves_out_comes_from_the_config()
    {
        ListenAddresses http = new() { Http = IPEndPoint.Parse("127.0.0.1:1") };
        Assert.Equal(
            new ListenAddresses { Http = http.Http, Https = Entry.Https, Peer = Entry.Peer, Admin = Entry.Admin },
            ListenPlan.Resolve(Options(http), "waw1", Configs.One(edge: Entry)));
        Assert.Equal(http, ListenPlan.Resolve(Options(http), "waw1", null));
        Assert.Equal(http, ListenPlan.Resolve(Options(http, standalone: true, only: true), "waw1", Configs.One(edge: Entry)));
        Assert.Null(ListenPlan.Resolve(Options(http, standalone: true), "waw1", Configs.One(edge: Entry))!.Peer);
    }

    [Fact]
    public void Without_any_address_there_is_nothing_to_open()
    {
        ListenAddresses admin = new() { Admin = IPEndPoint.Parse("127.0.0.1:1") };
        Assert.Null(ListenPlan.Resolve(Options(admin), "waw1", null));
        Assert.Null(ListenPlan.Resolve(Options(admin), "other", Configs.One(edge: Entry)));
    }

    [Theory]
    [InlineData("192.0.2.10:8443", false, false)]
    [InlineData("192.0.2.10:8443", true, true)]
    [InlineData("0.0.0.0:8443", false, false)]
    [InlineData("127.0.0.1:8443", false, true)]
    [InlineData("[::1]:8443", false, true)]
    public void Beyond_loopback_other_edges_need_certificates(string peer, bool certificate, bool safe) =>
        Assert.Equal(safe, ListenPlan.PeerIsSafe(new ListenAddresses { Peer = IPEndPoint.Parse(peer) }, certificate));

    [Theory]
    [InlineData("127.0.0.1:5", "http://127.0.0.1:5")]
    [InlineData("[::1]:5", "http://[::1]:5")]
    [InlineData("0.0.0.0:8443", "http://192.0.2.10:8443")]
    public void The_silo_is_told_an_address_that_others_can_use(string bound, string url) =>
        Assert.Equal(url, ListenPlan.Describe(new ListenAddresses { Peer = IPEndPoint.Parse(bound) }, Entry, peerHasTls: false).Peer);

    [Fact]
    public void No_usable_address_means_no_peer_url() =>
        Assert.Null(ListenPlan.Describe(new ListenAddresses { Peer = IPEndPoint.Parse("[::]:1") }, null, peerHasTls: true).Peer);
}
