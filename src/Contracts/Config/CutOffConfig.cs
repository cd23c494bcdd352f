using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Config;

/// <summary>What becomes of a site's stored objects while an edge hears from no silo, so that purges may be missing there.</summary>
public sealed record CutOffConfig
{
    public static readonly CutOffConfig Default = new() { After = ConfigDefaults.CutOffAfter, Policy = ConfigDefaults.CutOffPolicy };

    /// <summary>Since the edge last knew of all purges.</summary>
    public required TimeSpan After { get; init; }

    public required CutOffPolicy Policy { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<CutOffPolicy>))]
public enum CutOffPolicy
{
    /// <summary>As if nothing had happened.</summary>
    Serve,

    /// <summary>What was confirmed longer ago than <see cref="CutOffConfig.After"/> is confirmed before it is used.</summary>
    Revalidate,

    /// <summary>Goes on serving, and asks to be taken out.</summary>
    Drain,
}
