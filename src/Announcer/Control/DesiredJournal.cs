using OrleansCdn.Announcer.Desired;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Control;

/// <summary>Keeps the disk abreast of what is in force. A disk that refuses is told of once, and tried again.</summary>
internal sealed partial class DesiredJournal(DesiredStore store, DesiredAnnouncements? saved, AnnouncerState state, TimeProvider time, ILogger logger)
{
    /// <summary>Of the problems that it has.</summary>
    private const string Source = "disk";

    /// <summary>A full disk is not emptier a second later.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);

    private DesiredAnnouncements? _saved = saved;
    private long? _failedAt;
    private volatile string? _failure;

    /// <summary>What the disk says; null: it took what it was given last.</summary>
    public string? Failure => _failure;

    /// <summary>Called by the disk's loop alone.</summary>
    public void CatchUp()
    {
        DesiredAnnouncements? desired = state.Desired;
        if (desired is null || desired == _saved || (_failedAt is { } failed && time.GetElapsedTime(failed) < RetryInterval))
        {
            return;
        }

        try
        {
            store.Save(desired);
            (_saved, _failure) = (desired, null);
            if (_failedAt is not null)
            {
                _failedAt = null;
                state.SetProblems(Source, []);
                LogDiskBack();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_failedAt is null)
            {
                LogDiskFails(e.Message);
                state.SetProblems(Source, [$"the desired state cannot be saved ({e.Message}): after a restart without silo this server would announce what it announced before"]);
            }

            (_failedAt, _failure) = (time.GetTimestamp(), e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the desired state cannot be saved: {Failure}. It is in force, and saving is tried again")]
    private partial void LogDiskFails(string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "the desired state is saved again")]
    private partial void LogDiskBack();
}
