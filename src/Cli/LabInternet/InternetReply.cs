using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Catchments;

namespace OrleansCdn.Cli.LabInternet;

/// <summary>The lab's internet as it is.</summary>
internal sealed record InternetReply
{
    /// <summary>Where it is asked for.</summary>
    public const string Path = "/internet";

    public required DateTimeOffset When { get; init; }

    /// <summary>Name of the graph.</summary>
    public required string Graph { get; init; }

    /// <summary>Those that somebody announces, or has announced since the start.</summary>
    public required ImmutableArray<PrefixView> Prefixes { get; init; }

    /// <summary>The neighbours of the PoPs, one for each session.</summary>
    public required ImmutableArray<NeighborView> Neighbors { get; init; }

    /// <summary>What has changed, the newest last.</summary>
    public required ImmutableArray<InternetChange> Changes { get; init; }
}

/// <summary>Where one prefix is reached from the vantage points.</summary>
internal sealed record PrefixView(string Prefix, ImmutableArray<Catchment> Vantages);

/// <summary>One BGP session of a neighbour, with what it has received.</summary>
internal sealed record NeighborView
{
    public required string Pop { get; init; }

    /// <summary>The server whose announcer it speaks with.</summary>
    public required string Edge { get; init; }

    public required string Upstream { get; init; }

    /// <summary>The neighbour's number in the session.</summary>
    public required uint Asn { get; init; }

    /// <summary>Its number in AS paths.</summary>
    public required uint NetworkAsn { get; init; }

    /// <summary>Empty: the graph does not know it, and what it receives goes nowhere.</summary>
    public required string Network { get; init; }

    /// <summary>Where it listens.</summary>
    public required string Address { get; init; }

    public required BgpState State { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required ImmutableArray<ReceivedRoute> Routes { get; init; }
}

/// <summary>One route as it came.</summary>
internal sealed record ReceivedRoute
{
    public required string Prefix { get; init; }

    public required ImmutableArray<uint> AsPath { get; init; }

    public required ImmutableArray<Community> Communities { get; init; }

    public required string NextHop { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>Something that neighbours were told, and what came of it.</summary>
internal sealed record InternetChange
{
    public required DateTimeOffset When { get; init; }

    /// <summary>In words, one for each session or route.</summary>
    public required ImmutableArray<string> What { get; init; }

    /// <summary>Vantage points that reach another PoP since.</summary>
    public required ImmutableArray<VantageMove> Moved { get; init; }
}

/// <param name="Name">Of the vantage point.</param>
/// <param name="Region">Where it is.</param>
/// <param name="Place">Its town.</param>
/// <param name="Prefix">What it reaches.</param>
/// <param name="From">PoP before; null: none.</param>
/// <param name="To">PoP since; null: none.</param>
internal sealed record VantageMove(string Name, string Region, string Place, string Prefix, string? From, string? To);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(InternetReply))]
internal sealed partial class LabInternetJson : JsonSerializerContext;
