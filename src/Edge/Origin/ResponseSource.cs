using System.Collections.Concurrent;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Origin;

/// <summary>Where a stored response came from, for people. One object for all responses from there.</summary>
public sealed record ResponseSource
{
    /// <summary>Far more than origins and edges of one config; past it each response gets an object of its own.</summary>
    private const int MaxShared = 8192;

    private static readonly ConcurrentDictionary<(FilledFrom, string, bool), ResponseSource> Shared = new();

    private ResponseSource(FilledFrom from, string name, bool isFromDisk) => (From, Name, IsFromDisk) = (from, name, isFromDisk);

    public FilledFrom From { get; }

    /// <summary>Scheme, host and port of an origin; <c>pop/edge</c> of an edge.</summary>
    public string Name { get; }

    /// <summary>It was on this edge's disk since.</summary>
    public bool IsFromDisk { get; }

    public static ResponseSource Of(FilledFrom from, string name, bool isFromDisk = false)
    {
        if (Shared.TryGetValue((from, name, isFromDisk), out ResponseSource? known))
        {
            return known;
        }

        var source = new ResponseSource(from, name, isFromDisk);
        return Shared.Count < MaxShared ? Shared.GetOrAdd((from, name, isFromDisk), source) : source;
    }

    public ResponseSource ReadFromDisk() => IsFromDisk ? this : Of(From, Name, isFromDisk: true);
}
