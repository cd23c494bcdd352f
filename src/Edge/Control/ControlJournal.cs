using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Edge.Control;

/// <summary>Keeps the disk abreast of what is in force, and knows what is safe there: only that is acknowledged.</summary>
/// <remarks>Not for use by several threads at once.</remarks>
internal sealed partial class ControlJournal(
    ControlStore store, EdgeSnapshot? savedSnapshot, PurgeCursor savedCursor, Eligibility savedEligibility, ILogger logger, DnsHeld? savedSecrets = null)
{
    private EdgeSnapshot? _savedSnapshot = savedSnapshot;
    private volatile string? _trouble;

    /// <summary>Why the disk refused the last time; null: it did not. Read by others.</summary>
    public string? Trouble => _trouble;

    /// <summary>On disk.</summary>
    public PurgeCursor SavedCursor { get; private set; } = savedCursor;

    /// <summary>On disk.</summary>
    public Eligibility SavedEligibility { get; private set; } = savedEligibility;

    /// <summary>On disk; null: none.</summary>
    public DnsHeld? SavedSecrets { get; private set; } = savedSecrets;

    /// <summary>Saves what has changed. A disk that refuses is logged once, and tried again with the next call.</summary>
    public void CatchUp(EdgeSnapshot? snapshot, Eligibility eligibility, PurgeCursor cursor, DnsSecrets? secrets = null)
    {
        try
        {
            // Before the config that wants zones signed with them.
            if (secrets is not null && secrets.Held != SavedSecrets)
            {
                store.SaveSecrets(secrets);
                SavedSecrets = secrets.Held;
            }

            if (snapshot is not null && snapshot != _savedSnapshot)
            {
                store.SaveSnapshot(snapshot);
                _savedSnapshot = snapshot;
            }

            if (!ReferenceEquals(eligibility, SavedEligibility))
            {
                store.SaveEligibility(eligibility);
                SavedEligibility = eligibility;
            }

            if (cursor != SavedCursor)
            {
                store.SaveCursor(cursor);
                SavedCursor = cursor;
            }

            if (_trouble is not null)
            {
                _trouble = null;
                LogDiskBack();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_trouble is null)
            {
                LogDiskRefuses(e.Message);
            }

            _trouble = e.Message;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "what the silo sent is in force but cannot be saved ({Reason}); purges are not acknowledged until the disk takes it")]
    private partial void LogDiskRefuses(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "the disk takes config and purge cursor again")]
    private partial void LogDiskBack();
}
