using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class PopSection
{
    public static readonly ScalarKey<string> Name = ScalarKey<string>.Optional(
        "name", Tokens.Title, "the id", "What people call it.");

    public static readonly SectionKey Location = new(
        "location", LocationSection.Table, null, "Where it stands: visitors are sent to the nearest PoP by this.");

    public static readonly ScalarKey<IPNetwork> IdPrefix = ScalarKey<IPNetwork>.Optional(
        "id-prefix", SteeringTexts.IdPrefix, "addresses with a number in them are not given out here",
        "Addresses that all lead to this PoP's servers, for steered names with `random-id`.");

    public static readonly SectionListKey Edges = new(
        "edges", EdgeSection.Table, 1, ConfigLimits.EdgesPerPop, "Its servers.");

    public static readonly SectionMapKey Upstreams = new(
        "upstreams", Tokens.Name, UpstreamSection.Table, 0, ConfigLimits.UpstreamsPerPop, "The networks that it has BGP sessions with, and what each is to see.");

    public static readonly KeyTable Table = new("pops.ID", [Name, Location, IdPrefix, Edges, Upstreams]);

    public static ImmutableArray<PopConfig> BindAll(MapReader root, FileFacts facts)
    {
        if (root.Node.Find(RootSection.Pops.Name)?.Value is YamlMap declared)
        {
            facts.Pops = [.. declared.Entries.Select(entry => entry.Key.Text)];
            if (declared.Find(SiteSection.NoShield) is YamlEntry none)
            {
                facts.Errors.Add(none.Key.At, none.Value.Path, null, "cannot be told from a site's shield: none", "another id");
            }
        }

        return [.. root.Sections(RootSection.Pops).Select(pop => Bind(pop.Id, pop.Section, facts))];
    }

    private static PopConfig Bind(string id, MapReader keys, FileFacts facts)
    {
        Found<string> name = keys.Read(Name);
        Found<IPNetwork> idPrefix = keys.Read(IdPrefix);
        facts.AnyIdPrefixIsWrong |= !idPrefix.Valid || keys.HasUnknownKeys;
        if (idPrefix.Given)
        {
            AddIdPrefix(id, idPrefix, facts);
        }

        ImmutableArray<EdgeConfig> edges = [.. keys.Sections(Edges).Select(edge => EdgeSection.Bind(edge, facts))];
        return new PopConfig
        {
            Id = id,
            Name = name.Given ? name.Value : id,
            Location = keys.Section(Location) is MapReader location ? LocationSection.Bind(location) : null!,
            IdPrefix = idPrefix.Given ? idPrefix.Value : null,
            Edges = edges,
            Upstreams = [.. keys.Sections(Upstreams).Select(upstream => UpstreamSection.Bind(upstream.Id, upstream.Section, edges, facts))],
        };
    }

    /// <summary>An address that is two PoPs' would lead to either.</summary>
    private static void AddIdPrefix(string pop, Found<IPNetwork> prefix, FileFacts facts)
    {
        foreach ((IPNetwork other, string owner) in facts.IdPrefixes)
        {
            if (other.Contains(prefix.Value.BaseAddress) || prefix.Value.Contains(other.BaseAddress))
            {
                facts.Errors.Add(prefix.Node!, $"overlaps with that of {owner}", "a prefix of its own for each PoP");
                break;
            }
        }

        // Also then, so that a rule that leads there is no second error.
        facts.IdPrefixes.TryAdd(prefix.Value, pop);
    }
}
