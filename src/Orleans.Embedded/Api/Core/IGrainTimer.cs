namespace Orleans.Runtime;

/// <summary>A timer of one activation; it ends with the activation at the latest.</summary>
public interface IGrainTimer : IDisposable
{
    /// <param name="dueTime">Until the next tick; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
    /// <param name="period">From the end of one tick to the next; <see cref="Timeout.InfiniteTimeSpan"/>: one tick only.</param>
    void Change(TimeSpan dueTime, TimeSpan period);
}
