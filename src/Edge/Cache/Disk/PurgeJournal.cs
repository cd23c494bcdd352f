using System.Runtime.CompilerServices;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>
/// The purges that records on disk may still have to be compared with. A purge is written before it is in force and flushed
/// before it is acknowledged; so what is on disk can be judged after any end of the process. One that cannot be written
/// takes the whole store with it.
/// </summary>
/// <remarks>Calls are serialized by <see cref="PurgeIndex"/>, but for <see cref="Flush"/>.</remarks>
internal sealed partial class PurgeJournal : IDisposable
{
    public const string FileName = "purges.journal";

    /// <summary>Below this a smaller file would save nothing worth a rewrite.</summary>
    private const long LeastCompactBytes = 1L << 20;

    /// <summary>The entries that a disk store remembers at their longest, and then some; more is no journal.</summary>
    private const long MaxFileBytes = 2L << 30;

    private readonly IJournalFile _file;
    private readonly ILogger _logger;
    private readonly Lock _flush = new();
    private volatile bool _isClosed;
    private long _length;
    private long _compactAt;
    private volatile bool _dirty;
    private volatile StrongBox<PurgeCursor> _appended = new(PurgeCursor.None);
    private volatile StrongBox<PurgeCursor>? _flushed;

    private PurgeJournal(IJournalFile file, ILogger logger) => (_file, _logger) = (file, logger);

    /// <summary>Called once when the disk refuses: nothing on it may be used from here on.</summary>
    public Action? Failed { get; set; }

    /// <summary>Purges up to here survive the machine; null: the journal is gone.</summary>
    public PurgeCursor? Position => _flushed?.Value;

    /// <summary>Null when there is none that can be trusted from its first frame on. A torn end is left out: it was never acknowledged.</summary>
    public static JournalState? Load(string directory) => Load(FileIn(directory));

    /// <inheritdoc cref="Load(string)"/>
    public static JournalState? Load(IJournalFile file)
    {
        byte[] bytes;
        try
        {
            if (file.Read(MaxFileBytes) is not { } read)
            {
                return null;
            }

            bytes = read;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        JournalState? state = null;
        int at = 0;
        while (JournalFrame.TryRead(bytes.AsSpan(at), out int length) is { } frame)
        {
            if (state is null && frame.Lineage is null)
            {
                return null;
            }

            state ??= new JournalState { Lineage = frame.Lineage!.Value };
            state.Add(frame);
            at += length;
        }

        return state;
    }

    /// <summary>Replaces whatever journal was there; when this returns it is on disk.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static PurgeJournal Create(string directory, JournalState state, ILogger logger) => Create(FileIn(directory), state, logger);

    /// <inheritdoc cref="Create(string, JournalState, ILogger)"/>
    public static PurgeJournal Create(IJournalFile file, JournalState state, ILogger logger)
    {
        var journal = new PurgeJournal(file, logger);
        journal.Replace(state);
        return journal;
    }

    /// <summary>Writes one change of the index. It survives the process from here on, and the machine after <see cref="Flush"/>.</summary>
    public void Append(JournalFrame frame)
    {
        if (_isClosed)
        {
            return;
        }

        try
        {
            byte[] bytes = frame.ToBytes();
            _file.Write(bytes, _length);
            _length += bytes.Length;
            _appended = new StrongBox<PurgeCursor>(new PurgeCursor(frame.Epoch, frame.Sequence));
            _dirty = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            GiveUp(error.Message);
        }
    }

    /// <summary>When this returns, all that was appended is on disk, or this journal is gone with all that it is for.</summary>
    public void Flush()
    {
        lock (_flush)
        {
            if (!_dirty || _isClosed)
            {
                return;
            }

            _dirty = false;
            StrongBox<PurgeCursor> appended = _appended;
            try
            {
                _file.Flush();
                _flushed = appended;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                GiveUp(error.Message);
            }
        }
    }

    /// <summary>Entries up to <paramref name="horizon"/> are needed no more: the file is made anew without them once that is worth it.</summary>
    public void Forget(long horizon)
    {
        if (_isClosed || _length < _compactAt)
        {
            return;
        }

        try
        {
            if (Load(_file) is not { } state)
            {
                GiveUp("it was changed by somebody else");
                return;
            }

            state.Forget(horizon);
            Replace(state);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GiveUp(error.Message);
        }
    }

    /// <summary>Takes the journal away, so that the next start uses nothing of what is on disk.</summary>
    public void Delete()
    {
        lock (_flush)
        {
            _isClosed = true;
            _flushed = null;
            try
            {
                _file.Delete();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A purge that is acknowledged later moves the cursor past it, which does the same.
                LogCannotDelete(_file.Name, error.Message);
            }
        }
    }

    public void Dispose()
    {
        Flush();
        lock (_flush)
        {
            _isClosed = true;
            _file.Dispose();
        }
    }

    private void Replace(JournalState state)
    {
        long length = _file.Replace(state.ToFrames().Select(frame => frame.ToBytes()));
        lock (_flush)
        {
            (_length, _dirty) = (length, false);
            _flushed = _appended = new StrongBox<PurgeCursor>(state.Cursor);
            _compactAt = Math.Max(LeastCompactBytes, 2 * length);
        }
    }

    private static JournalFile FileIn(string directory) => new(Path.Combine(directory, FileName));

    private void GiveUp(string reason)
    {
        LogGivesUp(_file.Name, reason);
        Delete();
        Failed?.Invoke();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Path}' cannot be written ({Reason}): without it nothing on that disk may be used, and the edge goes on with its memory alone")]
    private partial void LogGivesUp(string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Path}' cannot be deleted ({Reason})")]
    private partial void LogCannotDelete(string path, string reason);
}
