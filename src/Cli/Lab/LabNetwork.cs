using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Intent;
using YamlDotNet.RepresentationModel;

namespace OrleansCdn.Cli.Lab;

/// <summary>One edge that the lab runs.</summary>
/// <param name="Pop">Its PoP.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ports">Where it listens.</param>
/// <param name="Source">Address that its announcer's sessions come from; null: it has none to hold.</param>
/// <param name="AnswersDns">It is a nameserver.</param>
internal sealed record LabEdge(string Pop, string Name, EdgePorts Ports, IPAddress? Source, bool AnswersDns);

/// <summary>
/// A config moved onto this machine: PoPs, edges, sites and policies stay; the edges' addresses, the sites' origins and
/// certificates, the edges' memory, databases that are not on this machine and the upstreams' neighbours become the lab's. Moving what is already moved changes nothing.
/// </summary>
internal sealed record LabNetwork
{
    // All edges share one machine, which runs other things too.
    private const string EdgeMemory = "128MiB";

    public required string Yaml { get; init; }

    public required ImmutableArray<LabEdge> Edges { get; init; }

    /// <summary>Where the neighbours listen; empty: the config announces nothing.</summary>
    public required ImmutableArray<IPEndPoint> Neighbors { get; init; }

    /// <summary>First host without wildcard: what the printed examples ask for.</summary>
    public required string Host { get; init; }

    public required string Site { get; init; }

    /// <summary>First steered name without wildcard; null: there is none.</summary>
    public string? SteeredName { get; init; }

    /// <param name="yaml">Valid text of <paramref name="config"/>.</param>
    /// <param name="config">What the text says.</param>
    /// <param name="ports">The lab's.</param>
    /// <param name="origin">Of all sites.</param>
    /// <param name="originHost">What the origin gets as Host; null: what the visitor sent.</param>
    /// <param name="certificates">Of the sites' hosts.</param>
    /// <param name="geo">Where databases of places are.</param>
    /// <exception cref="CommandFailure">The lab cannot run this config.</exception>
    public static LabNetwork Move(
        string yaml, CdnConfig config, LabPorts ports, Uri origin, string? originHost, LabCertificates certificates, LabGeo geo)
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
        var pops = (YamlMappingNode)root["pops"];
        ImmutableArray<LabEdge> edges = MoveEdges(pops, config, ports);
        ImmutableArray<IPEndPoint> neighbors = config.Cluster.Asn is null ? [] : MoveUpstreams(pops, config, ports, edges.Length);
        foreach ((YamlNode id, YamlNode node) in ((YamlMappingNode)root["sites"]).Children)
        {
            MoveSite((YamlMappingNode)node, origin, originHost, certificates.Of(((YamlScalarNode)id).Value!));
        }

        MoveGeo(root, config.Dns?.Geo, geo);
        KeepToThisMachine(root, config);
        var text = new StringWriter();
        stream.Save(text, assignAnchors: false);
        string? host = config.Sites.SelectMany(s => s.Hosts).FirstOrDefault(h => !h.StartsWith("*.", StringComparison.Ordinal));
        return new LabNetwork
        {
            Yaml = text.ToString(),
            Edges = edges,
            Neighbors = neighbors,
            Host = host ?? "www" + site.Hosts[0][1..],
            SteeredName = config.Dns?.Zones
                .SelectMany(zone => zone.Steered.Select(steered => steered.Name == "@" ? zone.Name : $"{steered.Name}.{zone.Name}"))
                .FirstOrDefault(name => !name.StartsWith('*')),
            Site = (config.Sites.FirstOrDefault(s => host is not null && s.Hosts.Contains(host)) ?? site).Id,
        };
    }

    private static ImmutableArray<LabEdge> MoveEdges(YamlMappingNode pops, CdnConfig config, LabPorts ports)
    {
        ImmutableArray<LabEdge>.Builder edges = ImmutableArray.CreateBuilder<LabEdge>();
        foreach (PopConfig pop in config.Pops)
        {
            var nodes = (YamlSequenceNode)pops[pop.Id]["edges"];
            foreach ((int index, (EdgeConfig edge, YamlNode node)) in pop.Edges.Zip(nodes.Children).Index())
            {
                bool announces = config.Cluster.Asn is not null && pop.Holds(edge.Name);
                var moved = new LabEdge(pop.Id, edge.Name, ports.Edge(edges.Count), announces ? NeighborPlan.SourceOf(index) : null, edge.Dns is not null && config.Dns is not null);
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

    private static ImmutableArray<IPEndPoint> MoveUpstreams(YamlMappingNode pops, CdnConfig config, LabPorts ports, int edges)
    {
        int count = config.Pops.Sum(p => p.Upstreams.Sum(u => u.Neighbors.Length));
        if (count > LabPorts.MaxNeighbors)
        {
            throw new CommandFailure(ExitCode.Failed, $"the config has {count} neighbors; the lab runs at most {LabPorts.MaxNeighbors}", "Take some out.");
        }

        ImmutableArray<IPEndPoint>.Builder moved = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach ((PopConfig pop, UpstreamConfig upstream) in config.Pops.SelectMany(p => p.Upstreams.Select(u => (p, u))))
        {
            var fields = (YamlMappingNode)pops[pop.Id]["upstreams"][upstream.Id];
            IPEndPoint[] addresses = [.. upstream.Neighbors.Select((_, i) => ports.Neighbor(edges, moved.Count + i))];
            fields.Children["neighbors"] = List(addresses.Select(a => $"{a}"));

            // Of another family than before: what the sessions carry stays, and is said.
            ImmutableArray<DesiredSession> sessions = SessionPlan.Of(upstream, config.Cluster.Prefixes);
            fields.Children["families"] = List([.. sessions.Any(s => s.Ipv4) ? ["ipv4"] : (string[])[], .. sessions.Any(s => s.Ipv6) ? ["ipv6"] : (string[])[]]);
            fields.Children.Remove("ttl-security");
            fields.Children.Remove("password-file");
            moved.AddRange(addresses);
        }

        return moved.ToImmutable();
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

    private static void MoveGeo(YamlMappingNode root, GeoFilesConfig? files, LabGeo geo)
    {
        if (files?.Country is { } country)
        {
            Set((YamlMappingNode)root["dns"]["geo"], "country", geo.Of(country));
        }

        if (files?.Asn is { } asn)
        {
            Set((YamlMappingNode)root["dns"]["geo"], "asn", geo.Of(asn));
        }
    }

    /// <summary>What happens in a lab is nobody's affair elsewhere: only webhooks with a loopback address of their own stay.</summary>
    private static void KeepToThisMachine(YamlMappingNode root, CdnConfig config)
    {
        if (config.Notifications.IsEmpty)
        {
            return;
        }

        var all = (YamlSequenceNode)root["notifications"];
        root.Children["notifications"] = new YamlSequenceNode(
            config.Notifications.Zip(all.Children).Where(n => n.First.Url is { } url && new Uri(url).IsLoopback).Select(n => n.Second));
    }

    private static void Set(YamlMappingNode node, string key, string value) => node.Children[key] = Text(value);

    private static YamlSequenceNode List(IEnumerable<string> values) => new(values.Select(Text)) { Style = YamlDotNet.Core.Events.SequenceStyle.Flow };

    // Quoted, so that no value is taken for another type.
    private static YamlScalarNode Text(string value) => new(value) { Style = YamlDotNet.Core.ScalarStyle.DoubleQuoted };
}
