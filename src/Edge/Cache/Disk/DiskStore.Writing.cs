using System.Diagnostics;

namespace OrleansCdn.Edge.Cache.Disk;

/// <content>The thread that loads, writes behind and makes checkpoints.</content>
public sealed partial class DiskStore
{
    private long _checkpointedAt;
    private long _checkpointStart;

    private void RunWriter()
    {
        try
        {
            Load();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            SwitchOff(error.Message);
        }

        _loaded.TrySetResult();
        while (!_queue.IsCompleted)
        {
            if (_queue.TryTake(out DiskWork work, Look))
            {
                Attempt(work);
                _queue.Done(work);
            }

            if (_state == DiskState.Ready && _writer.Written != _checkpointedAt && _time.GetElapsedTime(_checkpointStart) >= CheckpointInterval)
            {
                TryCheckpoint();
            }
        }

        if (_state == DiskState.Ready)
        {
            TryCheckpoint();
        }
    }

    private void Load()
    {
        long start = _time.GetTimestamp();
        _checkpointStart = start;
        DiskLoad.Result result = DiskLoad.Run(_directory, _lineage, _log, _index, _appliedAtStart, _purges.Horizon);
        _writer.Clock = DiskClock.Begin(result.ClockEra, result.HighestWall, _time.MonotonicSeconds(), _time.GetUtcNow().ToUnixTimeMilliseconds());
        if (_state == DiskState.Loading)
        {
            _state = DiskState.Ready;
        }

        double took = _time.GetElapsedTime(start).TotalMilliseconds;
        LogLoaded(_directory, result.Entries, _log.SegmentCount, result.Scanned, result.HadCheckpoint, took);
    }

    private void Attempt(in DiskWork work)
    {
        if (_state != DiskState.Ready)
        {
            return;
        }

        try
        {
            _writer.Write(work);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            StopWriting(error.Message);
        }
    }

    /// <summary>Makes a checkpoint now. Only for the writer's thread.</summary>
    private void TryCheckpoint()
    {
        try
        {
            // The log's end first: what is written meanwhile is found by the scan.
            (uint segment, long offset) = _log.End;
            long written = _writer.Written;
            new IndexCheckpoint
            {
                Lineage = _lineage,
                Segment = segment,
                Offset = offset,
                ClockEra = _writer.Clock.Era,
                HighestWall = _writer.Clock.HighestWall,
                Entries = _index.Snapshot(),
            }.Save(_directory);
            (_checkpointedAt, _checkpointStart) = (written, _time.GetTimestamp());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            StopWriting(error.Message);
        }
    }

    /// <summary>Goes on reading. What is removed from here on is removed from the index alone, so the next start must not believe the disk.</summary>
    private void StopWriting(string reason)
    {
        if (_state < DiskState.ReadOnly)
        {
            _trouble = Cut(reason);
            _state = DiskState.ReadOnly;
            LogReadOnly(_directory, reason);
            _journal.Delete();
        }
    }

    /// <summary>Nothing on disk is used from here on. Its files stay until the next start drops them.</summary>
    private void SwitchOff(string reason)
    {
        if (_state != DiskState.Off)
        {
            _trouble = Cut(reason);
            _state = DiskState.Off;
            LogOff(_directory, reason);
            _journal.Delete();
            _index.Clear();
        }

        Debug.Assert(_state == DiskState.Off, "there is nothing below it");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "'{Directory}': {Entries} objects in {Segments} segments, {Scanned} records scanned (checkpoint: {HadCheckpoint}), index ready after {Milliseconds:0} ms")]
    private partial void LogLoaded(string directory, int entries, int segments, long scanned, bool hadCheckpoint, double milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Directory}' does not take writes ({Reason}): what is there is still served, nothing new is kept on it, and the next start begins with an empty disk")]
    private partial void LogReadOnly(string directory, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Directory}' is not used any more ({Reason}); the edge goes on with its memory alone")]
    private partial void LogOff(string directory, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Directory}': the record at {Offset} of segment {Segment} is dropped: {Reason}")]
    private partial void LogDamaged(string directory, uint segment, uint offset, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Directory}': everything stored there is dropped: its journal of purges knows {Journal}, and {Acknowledged} was acknowledged")]
    private static partial void LogDroppedAll(ILogger logger, string directory, string journal, string acknowledged);

    [LoggerMessage(Level = LogLevel.Error, Message = "the disk store '{Directory}' cannot be used ({Reason}); the edge goes on with its memory alone")]
    private static partial void LogCannotOpen(ILogger logger, string directory, string reason);
}
