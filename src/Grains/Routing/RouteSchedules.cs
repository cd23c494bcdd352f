using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Grains.Routing;

/// <summary>When schedules begin and end, by the wall clock. Pure.</summary>
internal static class RouteSchedules
{
    /// <summary>When it begins, or ends; null: nothing is to come.</summary>
    public static DateTimeOffset? DueAt(RouteSchedule schedule) => schedule.State switch
    {
        ScheduleState.Pending => schedule.From,
        ScheduleState.Active => schedule.Until,
        _ => null,
    };

    /// <summary>Of all of them; null: nothing is to come.</summary>
    public static DateTimeOffset? NextDue(ImmutableArray<RouteSchedule> schedules) => schedules.Select(DueAt).Min();

    /// <summary>Those whose time has come, the earliest first.</summary>
    public static ImmutableArray<RouteSchedule> DueNow(ImmutableArray<RouteSchedule> schedules, DateTimeOffset now) =>
        [.. schedules.Where(s => DueAt(s) <= now).OrderBy(DueAt)];
}
