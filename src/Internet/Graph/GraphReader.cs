using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Internet.Graph;

/// <summary>Either a graph or every mistake of the text, in the order of the file.</summary>
public sealed record GraphReadResult(GraphFile? Graph, ImmutableArray<Contracts.Api.ConfigError> Errors);

/// <summary>A graph that people write, with places: YAML, read as strictly as a config.</summary>
public sealed class GraphReader
{
    private static readonly Lazy<GraphFile> LazyLab = new(ReadLab);

    private readonly ConfigErrors _errors = new();
    private readonly Dictionary<uint, Network> _networks = [];
    private readonly Dictionary<(uint, uint), NetworkLink> _links = [];

    private GraphReader()
    {
    }

    /// <summary>The graph that comes with this software: <c>lab.yaml</c>.</summary>
    public static GraphFile Lab => LazyLab.Value;

    /// <summary>Reads any text, hostile ones too, and does not throw.</summary>
    public static GraphReadResult Read(string yaml) => new GraphReader().ReadAll(yaml);

    private static GraphFile ReadLab()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("lab.yaml")!);
        GraphReadResult read = Read(reader.ReadToEnd());
        return read.Graph ?? throw new InvalidOperationException(ConfigErrorText.Format("lab.yaml", read.Errors));
    }

    private GraphReadResult ReadAll(string yaml)
    {
        GraphFile? graph = YamlTreeReader.Read(yaml, _errors) is { } root && MapReader.Open(root, GraphSections.Table, _errors) is { } keys ? Bind(keys) : null;
        return _errors.Any ? new GraphReadResult(null, _errors.InFileOrder()) : new GraphReadResult(graph, []);
    }

    private GraphFile Bind(MapReader keys)
    {
        Dictionary<string, Place> places = keys.Sections(GraphSections.Places).ToDictionary(p => p.Id, p => BindPlace(p.Id, p.Section));
        (uint Asn, MapReader Section)[] sections =
        [
            .. keys.Sections(GraphSections.Networks).Select(n => (uint.TryParse(n.Id, NumberStyles.None, CultureInfo.InvariantCulture, out uint asn) ? asn : 0, n.Section)),
        ];
        foreach ((uint asn, MapReader section) in sections)
        {
            // "64500" and "064500" are two keys and one number.
            if (!_networks.TryAdd(asn, BindNetwork(asn, section, places)))
            {
                section.Report($"AS{asn} stands here twice", null);
            }
        }

        foreach ((uint asn, MapReader section) in sections)
        {
            BindLinks(asn, section);
        }

        return new GraphFile
        {
            Name = keys.Read(GraphSections.Name).Value,
            Source = keys.Read(GraphSections.Source).Value,
            Networks = [.. _networks.Values.OrderBy(n => n.Asn)],
            Links = [.. _links.Values],
        };
    }

    private static Place BindPlace(string id, MapReader keys) => new(
        id,
        keys.Read(GraphSections.OfPlace.Name).Value,
        keys.Read(GraphSections.OfPlace.Region).Value,
        keys.Read(GraphSections.OfPlace.Latitude).Value,
        keys.Read(GraphSections.OfPlace.Longitude).Value);

    private Network BindNetwork(uint asn, MapReader keys, Dictionary<string, Place> places)
    {
        var at = new List<Place>();
        foreach (Found<string> id in keys.Read(GraphSections.OfNetwork.At))
        {
            if (!places.TryGetValue(id.Value, out Place? place))
            {
                _errors.Add(id.Node!, "is not one of places", string.Join(", ", places.Keys.Take(20)));
            }
            else if (at.Contains(place))
            {
                _errors.Add(id.Node!, "stands here twice", null);
            }
            else
            {
                at.Add(place);
            }
        }

        return new Network(asn, keys.Read(GraphSections.OfNetwork.Name).Value ?? "", keys.Read(GraphSections.OfNetwork.Vantage).Value, [.. at]);
    }

    private void BindLinks(uint asn, MapReader keys)
    {
        foreach (Found<uint> provider in keys.Read(GraphSections.OfNetwork.Providers))
        {
            Add(provider, asn, new NetworkLink(provider.Value, asn, ArePeers: false, IsAtExchange: false));
        }

        foreach (Found<uint> peer in keys.Read(GraphSections.OfNetwork.Peers))
        {
            Add(peer, asn, new NetworkLink(asn, peer.Value, ArePeers: true, IsAtExchange: false));
        }

        foreach (Found<uint> peer in keys.Read(GraphSections.OfNetwork.ExchangePeers))
        {
            Add(peer, asn, new NetworkLink(asn, peer.Value, ArePeers: true, IsAtExchange: true));
        }
    }

    private void Add(Found<uint> other, uint asn, NetworkLink link)
    {
        if (other.Value == asn)
        {
            _errors.Add(other.Node!, "is the network itself", null);
        }
        else if (!_networks.ContainsKey(other.Value))
        {
            _errors.Add(other.Node!, "is not one of networks", "an AS number that stands under networks");
        }
        else if (!_links.TryAdd((Math.Min(asn, other.Value), Math.Max(asn, other.Value)), link))
        {
            _errors.Add(other.Node!, $"and AS{asn} have a relation already", "each pair once, at one of the two");
        }
    }
}
