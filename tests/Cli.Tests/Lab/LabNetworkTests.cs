using OrleansCdn.Cli.Lab;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Cli.Tests.Lab;

public sealed class LabNetworkTests
{
    private static readonly LabCertificates Certificates = new("/lab/tls", TimeProvider.System);

    [Fact]
    public void Names_stay_and_addresses_move()
    {
        LabNetwork network = Move(Samples.Yaml);
        CdnConfig moved = Read(network.Yaml);
        CdnConfig before = Read(Samples.Yaml);
        Assert.Equal(["waw1 http 9010 admin 9013", "lax1 http 9020 admin 9023", "lax2 http 9030 admin 9033"],
            moved.Pops.SelectMany(p => p.Edges).Select(e => $"{e.Name} http {e.Http!.Port} admin {e.Admin!.Port}"));
        Assert.All(moved.Pops.SelectMany(p => p.Edges), e =>
        {
            Assert.Equal("127.0.0.1", e.Http!.Address.ToString());
            Assert.Equal(e.Http.Port + 1, e.Https!.Port);
            Assert.Equal(e.Http.Port + 2, e.Peer!.Port);
        });
        Assert.Equal(before.Pops.Select(p => (p.Id, p.Name, p.Location)), moved.Pops.Select(p => (p.Id, p.Name, p.Location)));
        Assert.Equal(before.Sites[0].Hosts.AsEnumerable(), moved.Sites[0].Hosts.AsEnumerable());
        Assert.Equal("www.example.net", network.Host);
        Assert.Equal("www", network.Site);
    }

    [Fact]
    public void Sites_get_the_labs_origin_and_certificates()
    {
        CdnConfig moved = Read(Move(Samples.Yaml + Samples.SecondSite).Yaml);
        Assert.All(moved.Sites, site =>
        {
            OriginConfig origin = Assert.Single(site.Origins);
            Assert.Equal("http://127.0.0.1:9002/", origin.Url.ToString());
            Assert.True(origin.AllowPrivate);
            Assert.Null(origin.HostHeader);
            Assert.Equal($"/lab/tls/{site.Id}.pem", site.Tls!.CertificateFile);
        });
    }

    [Fact]
    public void An_origin_of_the_users_own_is_asked_by_its_own_name()
    {
        CdnConfig config = Read(Samples.Yaml);
        LabNetwork network = LabNetwork.Move(
            Samples.Yaml, config, new LabPorts(9000), new Uri("http://app.test:3000"), "app.test:3000", Certificates);
        Assert.Equal("app.test:3000", Read(network.Yaml).Sites[0].Origins[0].HostHeader);
    }

    [Fact]
    public void Moving_again_changes_nothing()
    {
        string once = Move(Samples.Yaml).Yaml;
        Assert.Equal(once, Move(once).Yaml);
    }

    [Fact]
    public void The_example_network_can_be_moved()
    {
        LabNetwork network = Move(ExampleNetwork.Read());
        Assert.Equal(["waw", "lax", "grr"], network.Edges.Select(e => e.Pop).Distinct());
        Assert.Empty(ConfigReader.Read(network.Yaml).Errors);
    }

    [Fact]
    public void Ports_do_not_overlap_up_to_the_last_edge()
    {
        var ports = new LabPorts(LabPorts.MaxBasePort);
        int[] all =
        [
            ports.Api.Port, ports.Feed.Port, ports.Origin.Port,
            .. Enumerable.Range(0, LabPorts.MaxEdges).Select(ports.Edge).SelectMany(e => new[] { e.Http.Port, e.Https.Port, e.Peer.Port, e.Admin.Port }),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.All(all, p => Assert.InRange(p, 1, 65535));
    }

    private static LabNetwork Move(string yaml) =>
        LabNetwork.Move(yaml, Read(yaml), new LabPorts(9000), new Uri("http://127.0.0.1:9002"), null, Certificates);

    private static CdnConfig Read(string yaml)
    {
        ConfigReadResult result = ConfigReader.Read(yaml);
        Assert.Empty(result.Errors);
        return result.Config!;
    }
}
