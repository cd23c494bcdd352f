using OrleansCdn.Failover;

namespace OrleansCdn.Announcer.Failover;

/// <summary>
/// Brings the newest of what the machine wants kept to the disk, beside its loop: a disk that is slow, or that refuses, holds up no tick. What
/// is not on the disk is not <see cref="Kept"/>, and then nothing is promised.
/// </summary>
/// <param name="store">Null: a server on its own, which promises nothing to anybody.</param>
/// <param name="work">Woken when there is something to write.</param>
/// <param name="time">Of the retries.</param>
/// <param name="logger">For what the disk says.</param>
internal sealed partial class FailoverKeeper(FailoverStore? store, WakeUp work, TimeProvider time, ILogger logger)
{
    /// <summary>Whoever asks for a promise waits some seconds for it: a disk that is well again is to be found soon.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private volatile FailoverDurable? _wanted;
    private volatile string? _failure;
    private long _kept;
    private long? _failedAt;

    /// <summary>Version that is on the disk; 0: none since the process began.</summary>
    public long Kept => Volatile.Read(ref _kept);

    /// <summary>What the disk says; null: it took what it was given last.</summary>
    public string? Failure => _failure;

    public void Keep(FailoverDurable durable)
    {
        if (store is null)
        {
            Volatile.Write(ref _kept, durable.Version);
            return;
        }

        _wanted = durable;
        work.Wake();
    }

    /// <summary>Called by the disk's loop alone.</summary>
    /// <returns>Whether something new is on the disk.</returns>
    public bool CatchUp()
    {
        if (store is null || _wanted is not { } wanted || wanted.Version <= Kept || (_failedAt is { } failed && time.GetElapsedTime(failed) < RetryInterval))
        {
            return false;
        }

        try
        {
            store.Save(wanted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_failure is null)
            {
                LogDiskFails(e.Message);
            }

            (_failure, _failedAt) = (e.Message, time.GetTimestamp());
            return false;
        }

        if (_failure is not null)
        {
            (_failure, _failedAt) = (null, null);
            LogDiskBack();
        }

        Volatile.Write(ref _kept, wanted.Version);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "what this server promises to others cannot be saved: {Failure}. It promises nothing until it can")]
    private partial void LogDiskFails(string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "promises are saved again")]
    private partial void LogDiskBack();
}
