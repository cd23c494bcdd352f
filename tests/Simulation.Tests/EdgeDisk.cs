using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;

namespace OrleansCdn.Simulation.Tests;

/// <summary>What of an edge outlives its process: cursor, journal, and a log of records in which the newest of an object counts.</summary>
internal sealed class EdgeDisk(bool hasStore)
{
    private readonly List<Record> _records = [];
    private int _flushed;

    /// <param name="ConfirmedAt">By a clock that outlives the process.</param>
    public sealed record Record(int Item, int Version, long Stamp, bool IsSoftPurged, double ConfirmedAt);

    /// <summary>False: the edge keeps its cursor alone, and what it stores in memory.</summary>
    public bool HasStore => hasStore;

    public PurgeCursor SavedCursor { get; set; } = PurgeCursor.None;

    public SimulatedJournalFile Journal { get; private set; } = new();

    public void Append(Record record) => _records.Add(record);

    public void FlushRecords() => _flushed = _records.Count;

    /// <summary>The newest record of each object that may be compared with the purges that are remembered.</summary>
    public Dictionary<int, Record> Load(long applied, long horizon)
    {
        Dictionary<int, Record> index = [];
        foreach (Record record in _records)
        {
            if (DiskLoad.CanBeJudged(record.Stamp, applied, horizon))
            {
                index[record.Item] = record;
            }
            else
            {
                index.Remove(record.Item);
            }
        }

        return index;
    }

    public void DropStore()
    {
        Journal.Delete();
        _records.Clear();
        _flushed = 0;
    }

    public void LosePower(Random random)
    {
        int kept = random.Next(_flushed, _records.Count + 1);
        _records.RemoveRange(kept, _records.Count - kept);
        Journal.LosePower(random, hasLied: random.Next(8) == 0);
    }

    /// <summary>Another disk in its place.</summary>
    public void Lose()
    {
        DropStore();
        SavedCursor = PurgeCursor.None;
        Journal = new SimulatedJournalFile();
    }
}
