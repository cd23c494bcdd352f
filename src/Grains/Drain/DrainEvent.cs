using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Drain;

internal abstract record DrainEvent;

/// <summary>An operator asks for it. Whether other PoPs, or other edges of the PoP, allow it is decided before.</summary>
internal sealed record DrainOrdered(DrainOrder Order) : DrainEvent;

/// <summary>An operator plans a window. Whether windows of other PoPs allow it is decided before.</summary>
internal sealed record WindowPlanned(MaintenanceOrder Order) : DrainEvent;

/// <summary>An operator takes a window back.</summary>
internal sealed record WindowRemoved(MaintenanceRemoval Removal) : DrainEvent;

/// <summary>Whatever has become due happens.</summary>
/// <param name="Refusal">Why no window may begin now; null: one may.</param>
internal sealed record TimeCame(string? Refusal = null) : DrainEvent;

/// <summary>The announcers are to be told what is wanted.</summary>
internal sealed record OrdersWanted : DrainEvent;

/// <param name="Row">To be written when it is another one.</param>
/// <param name="Verdict">For who asked for a drain.</param>
/// <param name="Planning">For who asked for a window.</param>
internal readonly record struct DrainStep(DrainRow Row, DrainVerdict Verdict, MaintenanceOutcome? Planning = null, string? Error = null);
