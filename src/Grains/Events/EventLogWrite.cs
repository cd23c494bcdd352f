using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Events;

/// <summary>What one batch writes, in this order.</summary>
/// <param name="Head">Null: as it was.</param>
/// <param name="Segments">Each whole.</param>
/// <param name="Dropped">Segments that the head names no longer.</param>
internal sealed record EventLogWrite(EventLogHead? Head, ImmutableArray<EventSegment> Segments, ImmutableArray<long> Dropped);
