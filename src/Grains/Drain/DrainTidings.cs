using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Drain;

/// <summary>What has happened between two rows of a PoP, for the time line. Pure.</summary>
internal static class DrainTidings
{
    public static IEnumerable<NewEvent> Between(string pop, DrainRow before, DrainRow after)
    {
        foreach (DrainChange change in after.History.Where(change => change.Version > before.Version))
        {
            yield return Happenings.Drained(pop, change);
        }

        foreach (MaintenanceWindow window in after.Windows)
        {
            MaintenanceWindow? known = before.Windows.FirstOrDefault(other => other.Id == window.Id);
            if (window != known && Happenings.Planned(window, isNew: known is null) is { } happened)
            {
                yield return happened;
            }
        }
    }
}
