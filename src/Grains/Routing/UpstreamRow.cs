using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>All that is durable of one upstream: its intent with history and schedules, and what was compiled last. Immutable.</summary>
internal sealed record UpstreamRow
{
    public const int CurrentFormat = 1;

    /// <summary>Versions that can be looked at and rolled back to: as of the config.</summary>
    public const int MaxHistory = 100;

    /// <summary>Schedules of one upstream that are to come or in force: one for every night of a month.</summary>
    public const int MaxSchedules = 32;

    /// <summary>Schedules that failed and can still be looked at; the oldest goes first.</summary>
    public const int MaxFailed = 16;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Of the intent; 0: nothing was ever set.</summary>
    public long Version { get; init; }

    public RouteIntent Intent { get; init; } = RouteIntent.Empty;

    /// <summary>Oldest first; the last one is in force.</summary>
    public ImmutableArray<IntentVersion> History { get; init; } = [];

    /// <summary>In the order in which they were asked for.</summary>
    public ImmutableArray<RouteSchedule> Schedules { get; init; } = [];

    /// <summary>The last revision that was given out; counts up for ever.</summary>
    public long Revision { get; init; }

    /// <summary>With <see cref="Revision"/>; null: nothing was compiled, or the config names this upstream no longer.</summary>
    public DesiredUpstream? Desired { get; init; }

    public IntentVersion? Find(long version) => History.FirstOrDefault(v => v.Version == version);

    public RouteSchedule? FindSchedule(string id) => Schedules.FirstOrDefault(s => s.Id == id);

    /// <summary>Null: there was no such request, or it is older than the history goes.</summary>
    public IntentVersion? FindRequest(string? requestId) =>
        requestId is null ? null : History.LastOrDefault(v => v.RequestId == requestId && v.Schedule is null);
}
