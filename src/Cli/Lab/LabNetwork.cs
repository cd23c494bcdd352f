using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using YamlDotNet.RepresentationModel;

namespace OrleansCdn.Cli.Lab;

/// <summary>One edge that the lab runs.</summary>
internal sealed record LabEdge(string Pop, string Name, EdgePorts Ports);

/// <summary>
/// A config moved onto this machine: PoPs, edges, sites and policies stay; the edges' addresses, the sites' origins and
/// certificates, and the edges' memory become the lab's. Moving what is already moved changes nothing.
/// </summary>
internal sealed record LabNetwork
{
    // All edges share one machine, which runs other things too.
    private const string EdgeMemory = "128MiB";

    public required string Yaml { get; init; }

    public required ImmutableArray<LabEdge> Edges { get; init; }

    /// <summary>First host without wildcard: what the printed examples ask for.</summary>
    public required string Host { get; init; }

    public required string Site { get; init; }

    /// <param name="yaml">Valid text of <paramref name="config"/>.</param>
    /// <param name="config">What the text says.</param>
    /// <param name="ports">The lab's.</param>
    /// <param name="origin">Of all sites.</param>
    /// <param name="originHost">What the origin gets as Host; null: what the visitor sent.</param>
    /// <param name="certificates">Of the sites' hosts.</param>
    /// <exception cref="CommandFailure">The lab cannot run this config.</exception>
    public static LabNetwork Move(
        string yaml, CdnConfig config, LabPorts ports, Uri origin, string? originHost, LabCertificates certificates)
    {
        int edgeCount = config.Pops.Sum(p => p.Edges.Length);
        if (edgeCount > LabPorts.MaxEdges)
        {
            throw new CommandFailure(
                ExitCode.Failed, $"the config has {edgeCount} edges; the lab runs at most {LabPorts.MaxEdges}", "Take some out.");
        }

        SiteConfig site = config.Sites.FirstOrDefault() ?? throw new CommandFailure(
            ExitCode.Failed, "the config has no site, so there is nothing to serve", "Add one under 'sites'.");
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        ImmutableArray<LabEdge> edges = MoveEdges((YamlMappingNode)root["pops"], config, ports);
        foreach ((YamlNode id, YamlNode node) in ((YamlMappingNode)root["sites"]).Children)
        {
            MoveSite((YamlMappingNode)node, origin, originHost, certificates.Of(((YamlScalarNode)id).Value!));
        }

        var text = new StringWriter();
        stream.Save(text, assignAnchors: false);
        string? host = config.Sites.SelectMany(s => s.Hosts).FirstOrDefault(h => !h.StartsWith("*.", StringComparison.Ordinal));
        return new LabNetwork
        {
            Yaml = text.ToString(),
            Edges = edges,
            Host = host ?? "www" + site.Hosts[0][1..],
            Site = (config.Sites.FirstOrDefault(s => host is not null && s.Hosts.Contains(host)) ?? site).Id,
        };
    }

    private static ImmutableArray<LabEdge> MoveEdges(YamlMappingNode pops, CdnConfig config, LabPorts ports)
    {
        ImmutableArray<LabEdge>.Builder edges = ImmutableArray.CreateBuilder<LabEdge>();
        foreach (PopConfig pop in config.Pops)
        {
            var nodes = (YamlSequenceNode)pops[pop.Id]["edges"];
            foreach ((EdgeConfig edge, YamlNode node) in pop.Edges.Zip(nodes.Children))
            {
                var moved = new LabEdge(pop.Id, edge.Name, ports.Edge(edges.Count));
                var fields = (YamlMappingNode)node;
                Set(fields, "http", $"{moved.Ports.Http}");
                Set(fields, "https", $"{moved.Ports.Https}");
                Set(fields, "peer", $"{moved.Ports.Peer}");
                Set(fields, "admin", $"{moved.Ports.Admin}");
                Set(fields, "memory", EdgeMemory);
                if (edge.Dns is not null)
                {
                    Set(fields, "dns", $"{moved.Ports.Dns}");
                }

                edges.Add(moved);
            }
        }

        return edges.ToImmutable();
    }

    private static void MoveSite(YamlMappingNode site, Uri origin, string? originHost, TlsConfig tls)
    {
        var fields = new YamlMappingNode("url", Text(origin.GetLeftPart(UriPartial.Authority)), "allow-private", "true");
        if (originHost is not null)
        {
            fields.Add("host-header", Text(originHost));
        }

        site.Children["origins"] = new YamlSequenceNode(fields);
        site.Children["tls"] = new YamlMappingNode("certificate", Text(tls.CertificateFile), "key", Text(tls.KeyFile));
    }

    private static void Set(YamlMappingNode node, string key, string value) => node.Children[key] = Text(value);

    // Quoted, so that no value is taken for another type.
    private static YamlScalarNode Text(string value) => new(value) { Style = YamlDotNet.Core.ScalarStyle.DoubleQuoted };
}
