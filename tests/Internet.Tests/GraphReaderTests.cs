using OrleansCdn.Contracts.Config;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Testing;

namespace OrleansCdn.Internet.Tests;

public sealed class GraphReaderTests
{
    private const string Small = """
        name: small
        source: here
        places:
          waw: { name: Warsaw, region: Europe, latitude: 52.23, longitude: 21.01 }
          lax: { name: Los Angeles, region: North America, latitude: 34.05, longitude: -118.24 }
        networks:
          174: { name: Cogent, at: [waw, lax], peers: [1299] }
          1299: { name: Arelion, at: [waw] }
          64496: { name: Visitors, vantage: true, at: [lax], providers: [174] }
        """;

    [Fact]
    public void A_graph_is_read_with_its_places_and_relations()
    {
        GraphFile graph = GraphReader.Read(Small).Graph!;
        Assert.Equal(["Cogent", "Arelion", "Visitors"], graph.Networks.Select(n => n.Name));
        Assert.Equal([new NetworkLink(174, 1299, true, false), new NetworkLink(174, 64496, false, false)], graph.Links.AsEnumerable());
        AsGraph built = AsGraphBuilder.Build(graph, []);
        Assert.Equal(4, built.PointCount);

        // They meet in Warsaw, the one place that both have; the visitors have theirs in Los Angeles.
        Assert.Equal("waw", built.PlaceOf(Assert.Single(built.ArcsOf(built.IndexOf(1299), Relation.Peer).ToArray()).Theirs)!.Id);
        Assert.Equal("lax", built.PlaceOf(Assert.Single(built.ArcsOf(built.IndexOf(64496), Relation.Provider).ToArray()).Theirs)!.Id);
    }

    [Theory]
    [InlineData("peers: [1299]", "peers: [9999]", "7:48: networks.174.peers[0]: '9999' is not one of networks")]
    [InlineData("at: [waw] }", "at: [fra] }", "8:31: networks.1299.at[0]: 'fra' is not one of places")]
    [InlineData("at: [waw] }", "at: [waw, waw] }", "8:36: networks.1299.at[1]: 'waw' stands here twice")]
    [InlineData("at: [waw] }", "at: [] }", "networks.1299.at: is empty")]
    [InlineData("at: [waw] }", "at: [waw], peers: [174] }", "networks.1299.peers[0]: '174' and AS1299 have a relation already")]
    [InlineData("at: [waw] }", "at: [waw], providers: [1299] }", "networks.1299.providers[0]: '1299' is the network itself")]
    [InlineData("latitude: 52.23", "latitude: 95", "places.waw.latitude: '95' is out of range")]
    [InlineData("vantage: true", "vantige: true", "did you mean vantage?")]
    [InlineData("  1299:", "  \"0174\": { name: again, at: [waw] }\n  1299:", "AS174 stands here twice")]
    [InlineData("name: small", "title: small", "name: is missing")]
    public void Mistakes_are_named_with_their_place(string right, string wrong, string error)
    {
        GraphReadResult read = GraphReader.Read(Small.Replace(right, wrong, StringComparison.Ordinal));
        Assert.Null(read.Graph);
        Assert.Contains(error, ConfigErrorText.Format("f", read.Errors));
    }

    [Fact]
    public void Damaged_files_are_read_or_refused() => FuzzInput.Run("as-graph-yaml", (text, _) =>
    {
        GraphReadResult read = GraphReader.Read(text);
        Assert.Equal(read.Graph is null, !read.Errors.IsEmpty);
        if (read.Graph is { } graph)
        {
            AsGraphBuilder.Build(graph, []);
        }
    });

    [Fact]
    public void The_page_about_it_shows_a_graph_that_can_be_read()
    {
        string page = File.ReadAllText(Path.Combine(Here(), "../../docs/internet.md"));
        string yaml = page.Split("```yaml\n")[1].Split("```")[0];
        GraphReadResult read = GraphReader.Read(yaml);
        Assert.True(read.Errors.IsEmpty, ConfigErrorText.Format("docs/internet.md", read.Errors));
        Assert.Contains($"{GraphReader.Lab.Networks.Count(n => n.IsVantage)} networks of visitors", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_graph_has_no_number_of_documentation_and_no_vantage_point_without_provider()
    {
        GraphFile graph = GraphReader.Lab;
        Assert.InRange(graph.Networks.Count(n => n.IsVantage), 24, 100);
        Assert.Equal(["Europe", "North America", "South America"], graph.Networks.Where(n => n.IsVantage).Select(n => n.Places[0].Region).Distinct().Order());
        Assert.All(graph.Networks.Where(n => n.IsVantage), n => Assert.True(n.Asn >= 4_200_000_000 && graph.Links.Any(l => l.Second == n.Asn && !l.ArePeers)));

        // An operator that tries documentation numbers is not to be one of the networks.
        Assert.DoesNotContain(graph.Networks, n => n.Asn is (>= 64496 and <= 64511) or (>= 65536 and <= 65551));
    }

    private static string Here([System.Runtime.CompilerServices.CallerFilePath] string thisFile = "") => Path.GetDirectoryName(thisFile)!;
}
