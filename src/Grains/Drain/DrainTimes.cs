using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Grains.Drain;

/// <summary>When drains and windows begin and end, by the wall clock. Pure.</summary>
internal static class DrainTimes
{
    /// <summary>Longest time ahead: as of schedules of routes.</summary>
    public static readonly TimeSpan MaxAhead = Routing.UpstreamIntent.MaxAhead;

    /// <summary>When a window begins, or ends; null: it is over.</summary>
    public static DateTimeOffset? DueAt(MaintenanceWindow window) => window.State switch
    {
        MaintenanceState.Planned => window.From,
        MaintenanceState.Active => window.Until,
        _ => null,
    };

    /// <summary>Of all that is planned; null: nothing is.</summary>
    public static DateTimeOffset? NextDue(DrainRow row) =>
        row.Windows.Select(DueAt).Concat(row.Edges.Select(edge => edge.Until)).Append(row.Until).Min();

    /// <returns>What is wrong with the end of a drain; null: nothing.</returns>
    public static string? Wrong(DateTimeOffset? until, DateTimeOffset now) => until switch
    {
        { } end when end <= now => "'until' is in the past",
        { } end when end > now + MaxAhead => $"'until' is more than {MaxAhead.TotalDays:0} days ahead",
        _ => null,
    };

    public static bool Overlap(MaintenanceWindow one, DateTimeOffset from, DateTimeOffset until) => one.From < until && from < one.Until;
}
