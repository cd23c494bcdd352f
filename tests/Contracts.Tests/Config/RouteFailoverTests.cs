using System.Text;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>What <c>cluster.failover</c> takes of the whole file.</summary>
public sealed class RouteFailoverTests
{
    private static string Yaml(int pops, int edges, string failover = "", int announcing = int.MaxValue)
    {
        var yaml = new StringBuilder($"cluster: {{ name: t, asn: 64500{failover} }}\npops:\n");
        for (int pop = 0; pop < pops; pop++)
        {
            string servers = string.Join(", ", Enumerable.Range(0, edges).Select(edge => $"{{ name: p{pop}e{edge}, http: \"[::]:80\" }}"));
            yaml.Append($"  p{pop}: {{ location: {{ latitude: 0, longitude: 0, country: GH, continent: AF }}, edges: [{servers}]");
            yaml.Append(pop < announcing ? ", upstreams: { up: { asn: 64510, neighbors: [192.0.2.1] } } }\n" : " }\n");
        }

        return yaml.Append("sites: { www: { hosts: [www.example.net], origins: [{ url: \"https://origin.example.net\" }] } }\n").ToString();
    }

    [Theory]
    [InlineData(1, 1, "")]
    [InlineData(1, 1, ", failover: { floor: 1 }")]
    [InlineData(3, 0, ", failover: { floor: 1 }")]
    [InlineData(3, 3, ", failover: { floor: 2 }")]
    public void A_floor_that_can_be_kept_is_right_and_one_PoP_alone_has_the_usual_one(int pops, int announcing, string failover) =>
        Assert.Empty(SampleFile.Errors(Yaml(pops, 1, failover, announcing)));

    [Theory]
    [InlineData(3, 2, 2, "f:1:52: cluster.failover.floor: '2' needs more than 2 PoPs with upstreams, and this file has 2")]
    [InlineData(3, 0, 2, "f:1:52: cluster.failover.floor: '2' needs more than 2 PoPs with upstreams, and this file has 0")]
    public void PoPs_without_upstreams_do_not_count(int pops, int announcing, int floor, string error) =>
        Assert.Equal([error], SampleFile.Errors(Yaml(pops, 1, $", failover: {{ floor: {floor} }}", announcing)));

    [Fact]
    public void No_more_servers_announce_than_can_know_each_other()
    {
        Assert.Equal(0, FailoverPlan.MaxServers % 64);
        int pops = FailoverPlan.MaxServers / 64;
        Assert.Empty(SampleFile.Errors(Yaml(pops, 64)));
        Assert.Equal(
            [$"f:1:1: cluster: has {FailoverPlan.MaxServers + 64} servers that announce, each of which has to know all others"], SampleFile.Errors(Yaml(pops + 1, 64)));
    }

    [Fact]
    public void What_is_left_out_is_as_the_machine_has_it() => Assert.Equal(RouteFailoverConfig.Default, ConfigReader.Read(Yaml(1, 1)).Config!.Cluster.Failover);
}
