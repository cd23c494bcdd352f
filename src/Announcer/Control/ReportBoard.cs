using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Control;

/// <summary>The newest report, and whether it is worth telling: at once when something has changed, else each minute.</summary>
internal sealed class ReportBoard(TimeProvider time)
{
    /// <summary>Of <see cref="AnnouncerReport"/>: counters go up without being a change.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private AnnouncerReport? _newest;
    private AnnouncerReport? _told;
    private long _toldAt;
    private TaskCompletionSource _due = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null: none yet.</summary>
    public AnnouncerReport? Newest
    {
        get
        {
            lock (_lock)
            {
                return _newest;
            }
        }
    }

    /// <summary>Completes when there is something to tell.</summary>
    public Task Due
    {
        get
        {
            lock (_lock)
            {
                return _due.Task;
            }
        }
    }

    public void Offer(AnnouncerReport report, long timestamp)
    {
        lock (_lock)
        {
            _newest = report;
            if (_told is null || !ReportChange.IsSame(_told, report) || time.GetElapsedTime(_toldAt, timestamp) >= LongestSilence)
            {
                _ = _due.TrySetResult();
            }
        }
    }

    /// <summary>What is to be told, and counts as told from now on; null: nothing is known yet.</summary>
    public AnnouncerReport? Take()
    {
        lock (_lock)
        {
            (_told, _toldAt) = (_newest, time.GetTimestamp());
            if (_due.Task.IsCompleted)
            {
                _due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return _newest;
        }
    }
}
