using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains;

/// <summary>The time line of what happened and why. Key: <see cref="GrainKeys.Cluster"/>.</summary>
[Alias("OrleansCdn.IEventLogGrain")]
public interface IEventLogGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns. A batch whose answer got lost and that is sent again counts as repeats.</summary>
    [Alias("Append")]
    Task AppendAsync(EventBatch batch, CancellationToken cancellationToken);

    [Alias("Read")]
    [AlwaysInterleave]
    Task<EventsReply> ReadAsync(EventQuery query, CancellationToken cancellationToken);

    /// <summary>How many events the question is about, whatever its limit.</summary>
    [Alias("Count")]
    [AlwaysInterleave]
    Task<int> CountAsync(EventQuery query, CancellationToken cancellationToken);
}

/// <summary>A piece of the log. Key: its index in decimal.</summary>
[Alias("OrleansCdn.IEventSegmentGrain")]
public interface IEventSegmentGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns. Replaces the whole segment.</summary>
    [Alias("Write")]
    Task WriteAsync(EventSegment segment, CancellationToken cancellationToken);

    /// <summary>Without events: nothing is stored.</summary>
    [Alias("Read")]
    Task<EventSegment> ReadAsync(CancellationToken cancellationToken);

    [Alias("Clear")]
    Task ClearAsync(CancellationToken cancellationToken);
}
