using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Grains.Config;

/// <summary>Which version is in force, and what came before: the row of the config grain. Immutable.</summary>
internal sealed record ConfigHead
{
    public const int CurrentFormat = 1;

    /// <summary>Versions that can be looked at and rolled back to: two a week for a year.</summary>
    public const int MaxHistory = 100;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Random id of this history; empty before the first write.</summary>
    public string Epoch { get; init; } = "";

    /// <summary>0: nothing was applied yet.</summary>
    public long Version { get; init; }

    /// <summary>Oldest first; the last one is in force.</summary>
    public ImmutableArray<ConfigVersionInfo> History { get; init; } = [];

    public ConfigVersionInfo? Find(long version) => History.FirstOrDefault(info => info.Version == version);

    /// <summary>The head after one more version. What falls out of the history is to be cleared once this is durable.</summary>
    public ConfigHead With(ConfigVersionInfo info)
    {
        ImmutableArray<ConfigVersionInfo> history = History.Add(info);
        return this with
        {
            Version = info.Version,
            History = history.Length > MaxHistory ? history[^MaxHistory..] : history,
        };
    }
}
