using OrleansCdn.Cli.Lab;
using OrleansCdn.Cli.LabInternet;
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
            Samples.Yaml, config, new LabPorts(9000), new Uri("http://app.test:3000"), "app.test:3000", Certificates, new LabGeo("/lab/geo"));
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
        Assert.Equal(network.Yaml, Move(network.Yaml).Yaml);
    }

    [Fact]
    public void Nobody_elsewhere_is_told_what_happens_in_a_lab()
    {
        const string Webhooks = """
            notifications:
              - { name: chat, url: "https://hooks.example.net/" }
              - { name: here, url: "http://127.0.0.1:9000/hook", allow-private: true }
              - { name: secret, url-file: /etc/cdn/chat.url }
            """;
        Assert.Equal(["here"], Read(Move(Samples.Yaml + Webhooks).Yaml).Notifications.Select(n => n.Name));
    }

    [Fact]
    public void Neighbors_move_behind_the_edges_and_carry_what_they_carried()
    {
        string yaml = ExampleNetwork.Read().Replace("neighbors: [169.254.169.254]", "neighbors: [169.254.169.254, \"[2001:db8::1]:1790\"]\n        password-file: /etc/x", StringComparison.Ordinal);
        LabNetwork network = Move(yaml);
        CdnConfig moved = Read(network.Yaml);
        Assert.Equal(Enumerable.Range(9040, 6), network.Neighbors.Select(n => n.Port));
        Assert.Equal(network.Neighbors.AsEnumerable(), moved.Pops.SelectMany(p => p.Upstreams).SelectMany(u => u.Neighbors));
        Assert.All(moved.Pops.SelectMany(p => p.Upstreams), u => Assert.Equal((null, "ipv6", false), (u.PasswordFile, string.Join(' ', u.Families).ToLowerInvariant(), u.TtlSecurity)));
        Assert.Equal((64515u, 2), (moved.Pops[0].Upstreams[0].Asn, moved.Pops[0].Upstreams[0].Hops));
        Assert.All(network.Edges, e => Assert.Equal("127.0.0.1", e.Source!.ToString()));
    }

    [Fact]
    public void Only_servers_that_hold_sessions_have_announcers_each_with_an_address()
    {
        string yaml = ExampleNetwork.Read().Replace("    upstreams:\n      # Direct", "      - { name: grr2, http: \"127.0.0.1:81\" }\n      - { name: grr3, http: \"127.0.0.1:82\" }\n    upstreams:\n      # Direct", StringComparison.Ordinal)
            .Replace("        neighbors: [\"2001:db8:6939::1\"]", "        neighbors: [\"2001:db8:6939::1\"]\n        edges: [grr1, grr3]", StringComparison.Ordinal)
            .Replace("        neighbors: [\"2001:db8:12::1\"]", "        neighbors: [\"2001:db8:12::1\"]\n        edges: [grr3]", StringComparison.Ordinal);
        LabNetwork network = Move(yaml);
        Assert.Equal(["waw1 127.0.0.1", "lax1 127.0.0.1", "grr1 127.0.0.1", "grr2 ", "grr3 127.0.0.3"], network.Edges.Select(e => $"{e.Name} {e.Source}"));
        Assert.Equal(
            ["waw/vultr waw1 127.0.0.1", "lax/vultr lax1 127.0.0.1", "grr/hurricane-electric grr1 127.0.0.1", "grr/hurricane-electric grr3 127.0.0.3", "grr/123net grr3 127.0.0.3"],
            NeighborPlan.Of(Read(network.Yaml)).Select(p => $"{p.Name} {p.Edge} {p.Source}"));
    }

    [Fact]
    public void A_config_that_announces_nothing_has_no_internet()
    {
        LabNetwork network = Move("""
            cluster: { name: plain }
            pops:
              waw:
                location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
                edges: [ { name: waw1, http: "127.0.0.1:80" } ]
            sites:
              www: { hosts: [www.example.net], origins: [ { url: "https://origin.example.net" } ] }
            """);
        Assert.Empty(network.Neighbors);
        Assert.Null(Assert.Single(network.Edges).Source);
    }

    [Fact]
    public void Ports_do_not_overlap_up_to_the_last_edge()
    {
        var ports = new LabPorts(LabPorts.MaxBasePort);
        int[] all =
        [
            ports.Api.Port, ports.Feed.Port, ports.Origin.Port, ports.Internet.Port,
            .. Enumerable.Range(0, LabPorts.MaxEdges).Select(ports.Edge)
                .SelectMany(e => new[] { e.Http.Port, e.Https.Port, e.Peer.Port, e.Admin.Port, e.Dns.Port, e.Announcer.Port }),
            .. Enumerable.Range(0, LabPorts.MaxNeighbors).Select(i => ports.Neighbor(LabPorts.MaxEdges, i).Port),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.All(all, p => Assert.InRange(p, 1, 65535));
    }

    private static LabNetwork Move(string yaml) =>
        LabNetwork.Move(yaml, Read(yaml), new LabPorts(9000), new Uri("http://127.0.0.1:9002"), null, Certificates, new LabGeo("/lab/geo"));

    private static CdnConfig Read(string yaml)
    {
        ConfigReadResult result = ConfigReader.Read(yaml);
        Assert.Empty(result.Errors);
        return result.Config!;
    }
}
