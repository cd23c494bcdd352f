using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Simulation.Tests;

/// <summary>The origin: a few objects that are published in ever new versions, and what a purge covers of them.</summary>
internal sealed class Site
{
    public const string Id = "s";
    public const string Host = "h";
    public const int Objects = 6;

    public static readonly ImmutableArray<CacheKey> Keys =
        [.. Enumerable.Range(0, Objects).Select(i => new CacheKey(Id, false, Host, i % 2 == 0 ? $"/a/{i}" : $"/b/{i}"))];

    public static readonly ImmutableArray<string[]> Tags = [.. Enumerable.Range(0, Objects).Select(i => new[] { $"t{i % 3}", "all" })];

    private readonly int[] _versions = [.. Enumerable.Repeat(1, Objects)];

    public int VersionOf(int item) => _versions[item];

    public void Publish(int item) => _versions[item]++;

    /// <summary>A purge, and the objects that it covers.</summary>
    public static (PurgeAppend Append, int[] Items) AnyPurge(ClockScheduler scheduler)
    {
        int item = scheduler.Random.Next(Objects);
        (PurgeKind kind, string value, int[] items) = scheduler.Random.Next(10) switch
        {
            0 or 1 or 2 or 3 => (PurgeKind.Url, Keys[item].Url, [item]),
            4 or 5 or 6 => (PurgeKind.Tag, Tags[item][0], Where(i => i % 3 == item % 3)),
            7 => (PurgeKind.Prefix, $"{Host}/{(item % 2 == 0 ? "a" : "b")}/", Where(i => i % 2 == item % 2)),
            8 => (PurgeKind.Host, Host, Where(static _ => true)),
            _ => (PurgeKind.Site, "", Where(static _ => true)),
        };
        return (Append(kind, [value], scheduler.OneIn(4)), items);
    }

    /// <summary>Covers nothing that is asked for: it makes the log grow.</summary>
    public static PurgeAppend Bulk(int count, int number) =>
        Append(PurgeKind.Tag, [.. Enumerable.Range(0, count).Select(i => $"bulk{number}-{i}")], isSoft: false);

    public static PurgeAppend Append(PurgeKind kind, ImmutableArray<string> values, bool isSoft) =>
        new() { Site = Id, Kind = kind, Values = values, Soft = isSoft, Who = "simulation" };

    private static int[] Where(Func<int, bool> covers) => [.. Enumerable.Range(0, Objects).Where(covers)];
}
