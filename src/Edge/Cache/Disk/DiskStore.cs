using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>How the store stands; it only ever goes down this list.</summary>
public enum DiskState
{
    /// <summary>The index is being read; nothing is found yet.</summary>
    Loading,

    Ready,

    /// <summary>The disk refused a write: what is there is still read, and the next start begins empty.</summary>
    ReadOnly,

    /// <summary>Nothing of it is used.</summary>
    Off,
}

/// <summary>
/// The part of the cache that survives a restart: a log of segments in one directory, its index in memory, and the journal
/// of the purges that its records have to be compared with. Storing never waits for it: one thread writes behind, within
/// bounds.
/// </summary>
public sealed partial class DiskStore : IDisposable
{
    private const string LockName = "lock";

    /// <summary>Between checkpoints: so much of the log at most is scanned after a kill.</summary>
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromSeconds(30);

    /// <summary>How often the writer looks whether a checkpoint is due.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly string _directory;
    private readonly SafeFileHandle _lock;
    private readonly PurgeIndex _purges;
    private readonly PurgeJournal _journal;
    private readonly long _lineage;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DiskIndex _index = new();
    private readonly DiskQueue _queue = new();
    private readonly DiskLog _log;
    private readonly DiskWriter _writer;
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _appliedAtStart;
    private Task _writing = Task.CompletedTask;
    private volatile DiskState _state = DiskState.Loading;

    private DiskStore(
        string directory, long capacity, SafeFileHandle held, PurgeIndex purges, PurgeJournal journal, long lineage, TimeProvider time, ILogger logger)
    {
        (_directory, CapacityBytes, _lock, _purges, _journal, _lineage, _time, _logger) =
            (directory, capacity, held, purges, journal, lineage, time, logger);
        Run = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        _log = new DiskLog(directory, lineage, capacity);
        _writer = new DiskWriter(_log, _index, purges, (key, vary) => IsInMemory(key, vary), Run, capacity, time);
        _appliedAtStart = purges.Applied;
        _journal.Failed = () => SwitchOff("purges cannot be written down");
    }

    public long CapacityBytes { get; }

    public DiskState State => _state;

    public int Count => _index.Count;

    /// <summary>Bytes in segment files.</summary>
    public long Bytes => _log.Bytes;

    /// <summary>Bytes of bodies that wait to be written.</summary>
    public long PendingBytes => _queue.Bytes;

    /// <summary>Nothing waits, and nothing is being written.</summary>
    internal bool IsIdle => _queue.IsIdle;

    /// <summary>Responses that were not written because too much waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Whether purges that were missed are known by now; until then nothing from before the start is used.</summary>
    public Func<bool> IsCaughtUp { get; set; } = static () => true;

    /// <summary>Whether memory holds a variant: then it is asked for although the disk is not.</summary>
    public Func<CacheKey, VarySelector, bool> IsInMemory { get; set; } = static (_, _) => false;

    /// <summary>Completes when the index is there, or never will be.</summary>
    public Task Loaded => _loaded.Task;

    internal long Run { get; }

    internal DiskIndex Index => _index;

    internal DiskClock Clock => _writer.Clock;

    private long _dropped;

    /// <summary>
    /// Takes the directory and decides whether what is in it may be used: only when its journal knows every purge that was
    /// acknowledged. Null when the directory cannot be used at all; the log says why.
    /// </summary>
    /// <param name="saved">The cursor that was acknowledged at most; null in standalone mode, where nothing is purged.</param>
    /// <param name="isFirst">Nothing has been purged in this process yet.</param>
    /// <param name="failure">Why it cannot be used; null on success.</param>
    public static DiskStore? TryOpen(
        string directory, long capacity, PurgeIndex purges, PurgeCursor? saved, bool isFirst, TimeProvider time, ILogger logger, out string? failure)
    {
        failure = null;
        SafeFileHandle? held = null;
        try
        {
            Directory.CreateDirectory(directory);
            held = File.OpenHandle(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            JournalState? state = PurgeJournal.Load(directory);
            bool isUsable = isFirst && state is not null && state.Knows(saved);
            if (!isUsable)
            {
                if (DropAll(directory) > 0)
                {
                    LogDroppedAll(logger, directory, state?.Cursor.ToString() ?? "nothing that can be read", saved?.ToString() ?? "none");
                }

                state = null;
            }
            else
            {
                purges.Resume(state!);
            }

            long lineage = state?.Lineage ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
            PurgeJournal? journal = null;
            purges.Attach((cursor, applied) => journal = PurgeJournal.Create(directory, state ?? JournalState.Fresh(lineage, cursor, applied), logger));
            return new DiskStore(directory, capacity, held, purges, journal!, lineage, time, logger);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            LogCannotOpen(logger, directory, error.Message);
            failure = error.Message;
            return null;
        }
    }

    /// <summary>Begins to load the index and to write, on a thread of its own.</summary>
    public void Start() => _writing = Task.Factory.StartNew(
        RunWriter, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>What was stored in memory is written behind, when that is worth it.</summary>
    public void Offer(StoredResponse response)
    {
        if (_state == DiskState.Off)
        {
            return;
        }

        DiskKey key = DiskKey.Of(response.Key);
        uint variant = DiskKey.Variant(response.Vary);
        switch (DiskAdmission.Decide(response, _time.MonotonicSeconds(), CapacityBytes))
        {
            case DiskAdmissionVerdict.Write when _state != DiskState.ReadOnly:
                // What is there is older: it must not come back when memory lets the new one go before it is written.
                bool wasThere = _index.Remove(key, variant);
                response.Body.IsOnDisk = true;
                if (!_queue.TryAddObject(key, variant, response))
                {
                    response.Body.IsOnDisk = false;
                    Interlocked.Increment(ref _dropped);
                    Mark(RecordKind.DropVariant, key, variant, wasThere);
                }

                break;
            case DiskAdmissionVerdict.MarkStale:
                Mark(RecordKind.Stale, key, variant, _index.MarkStale(key, variant));
                break;
            default:
                Mark(RecordKind.DropVariant, key, variant, _index.Remove(key, variant));
                break;
        }
    }

    /// <summary>A variant must not be used any more (not for a purge: those are compared).</summary>
    public void Remove(CacheKey key, VarySelector vary)
    {
        DiskKey hash = DiskKey.Of(key);
        uint variant = DiskKey.Variant(vary);
        Mark(RecordKind.DropVariant, hash, variant, _index.Remove(hash, variant));
    }

    /// <summary>All variants of a key must not be used any more (RFC 9111 §4.4).</summary>
    public void Invalidate(CacheKey key)
    {
        DiskKey hash = DiskKey.Of(key);
        Mark(RecordKind.DropKey, hash, 0, _index.Remove(hash) > 0);
    }

    /// <summary>Whether a look at the disk may find something; no I/O.</summary>
    internal bool MayHave(CacheKey key, out DiskKey hash)
    {
        hash = default;
        if (_state is not (DiskState.Ready or DiskState.ReadOnly) || _index.Count == 0 || !IsCaughtUp())
        {
            return false;
        }

        hash = DiskKey.Of(key);
        return _index.Contains(hash) && !_queue.IsMarked(hash);
    }

    /// <summary>Whether this record is still the one to use; looked at after its content was published.</summary>
    internal bool IsCurrent(in DiskEntry entry) => _index.Contains(entry) && !_queue.IsMarked(entry.Key) && _state != DiskState.Off;

    /// <summary>Null when its segment has gone meanwhile.</summary>
    internal SegmentFile? TryLease(uint segment) => _log.TryLease(segment);

    /// <summary>A record that is damaged, or whose disk does not read: it is not asked again.</summary>
    internal void DropDamaged(in DiskEntry entry, string reason)
    {
        _index.Remove(entry);
        LogDamaged(_directory, entry.Segment, entry.Offset, reason);
    }

    /// <summary>Oldest stamp that anything on disk has; <see cref="long.MaxValue"/>: there is nothing.</summary>
    public long OldestStamp() => _state switch
    {
        DiskState.Off => long.MaxValue,
        DiskState.Loading => 0,
        _ => _index.OldestStamp(),
    };

    /// <summary>Writes what waits and a last checkpoint.</summary>
    public void Dispose()
    {
        _queue.Complete();
        _writing.GetAwaiter().GetResult();
        _queue.Dispose();
        _log.Dispose();
        _journal.Dispose();
        _lock.Dispose();
    }

    /// <summary>Number of segments deleted.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    private static int DropAll(string directory)
    {
        // The journal first: without it the segments are of no store.
        File.Delete(Path.Combine(directory, PurgeJournal.FileName));
        File.Delete(Path.Combine(directory, IndexCheckpoint.FileName));
        string[] segments = SegmentFile.List(directory);
        foreach (string path in segments)
        {
            File.Delete(path);
        }

        return segments.Length;
    }

    /// <param name="wasThere">The index had it. What waits to be written, or is not loaded yet, needs the mark as well.</param>
    private void Mark(RecordKind kind, DiskKey key, uint variant, bool wasThere)
    {
        // Read-only: the next start begins empty, so that the index alone counts.
        bool isNeeded = wasThere || _state == DiskState.Loading || _queue.HasObject(key);
        if (isNeeded && _state <= DiskState.Ready && !_queue.TryAddMark(kind, key, variant))
        {
            SwitchOff("it has stopped taking writes");
        }
    }
}
