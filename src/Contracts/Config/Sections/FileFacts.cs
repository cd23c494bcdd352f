using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>What one section of the file must know of the others.</summary>
internal sealed class FileFacts(ConfigErrors errors)
{
    /// <summary>A line of a message; the design's networks have no more.</summary>
    private const int MaxListedPops = 20;

    private readonly Dictionary<string, FilePosition> _edges = [];
    private readonly Dictionary<string, FilePosition> _hosts = [];

    public ConfigErrors Errors => errors;

    /// <summary>Every id under <c>pops</c>, wrong ones too, so that a reference to one is not a second error; null: not known.</summary>
    public HashSet<string>? Pops { get; set; }

    /// <summary>Whose addresses with a number in them are whose.</summary>
    public Dictionary<System.Net.IPNetwork, string> IdPrefixes { get; } = [];

    /// <summary>A PoP's prefix could not be read, so that nothing can be said about what no PoP has.</summary>
    public bool AnyIdPrefixIsWrong { get; set; }

    /// <summary>Left out, with nothing said about it yet.</summary>
    public bool AsnIsMissing { get; set; }

    public MapReader? FirstUpstream { get; set; }

    /// <summary>PoPs that have to stay announced; whether there are as many is known when all of them are read.</summary>
    public Found<int> Floor { get; set; }

    public bool AnyEdgeListensForDns { get; set; }

    /// <summary>An edge could not be read to its end, so that nothing can be said about what no edge has.</summary>
    public bool AnyEdgeIsWrong { get; set; }

    public long LargestMemory { get; set; }

    public HashSet<int> ListenPorts { get; } = [80, 443];

    public bool TryAddEdge(Found<string> name) => TryAdd(_edges, name, "an edge");

    public bool TryAddHost(Found<string> host) => TryAdd(_hosts, host, "a host");

    /// <summary>True when visitors' requests for this name come to this CDN.</summary>
    public bool IsOwnHost(string name)
    {
        if (_hosts.ContainsKey(name))
        {
            return true;
        }

        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_hosts.ContainsKey(string.Concat("*", name.AsSpan(dot))))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="name">Where a PoP's id should stand.</param>
    /// <param name="otherwise">What else may stand there; null: nothing.</param>
    public void ReportUnknownPop(Found<string> name, string? otherwise)
    {
        if (Pops is not HashSet<string> pops || pops.Contains(name.Value))
        {
            return;
        }

        string known = pops.Count <= MaxListedPops ? string.Join(", ", pops.Where(pop => Tokens.Id.Parse(pop, out _) is null)) : "an id under pops";
        errors.Add(name.Node!, "is not a PoP of this file", known.Length == 0 ? otherwise : otherwise is null ? known : $"{known}, or {otherwise}");
    }

    private bool TryAdd(Dictionary<string, FilePosition> known, Found<string> name, string kind)
    {
        if (known.TryAdd(name.Value, name.Node!.At))
        {
            return true;
        }

        errors.Add(name.Node, $"is given twice, first in line {known[name.Value].Line}", $"{kind} once in the whole file");
        return false;
    }
}
