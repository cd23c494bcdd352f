using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Api;

/// <summary>Routes in the form of Fastly's API, for plug-ins that were written for it. A service is a site.</summary>
public static class FastlyRoutes
{
    public const string Key = "/service/{site}/purge/{key}";
    public const string Keys = "/service/{site}/purge";
    public const string All = "/service/{site}/purge_all";
    public const string Url = "/purge/{host}/{**path}";

    /// <summary>Field with the token, in place of <c>Authorization</c>.</summary>
    public const string TokenField = "Fastly-Key";
}

/// <summary>Body of <see cref="FastlyRoutes.Keys"/>.</summary>
public sealed record FastlyKeys
{
    [JsonPropertyName("surrogate_keys")]
    public ImmutableArray<string> SurrogateKeys { get; init; }
}

/// <summary>What a plug-in is answered.</summary>
/// <param name="Status"><c>ok</c>: durable, and on its way.</param>
/// <param name="Id">Of the purge, for <see cref="ApiRoutes.Purge"/>.</param>
public sealed record PluginPurgeReply(string Status, string Id);
