using OrleansCdn.Edge.Cache.Disk;

namespace OrleansCdn.Simulation.Tests;

/// <summary>A file that a machine's crash cuts off somewhere behind what was flushed.</summary>
internal sealed class SimulatedJournalFile : IJournalFile
{
    private readonly List<byte> _bytes = [];
    private int _flushed;
    private bool _exists;

    public string Name => "purges.journal";

    public byte[]? Read(long longest) => _exists && _bytes.Count <= longest ? [.. _bytes] : null;

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        if (!_exists || offset != _bytes.Count)
        {
            throw new IOException($"written at {offset} of {_bytes.Count}");
        }

        _bytes.AddRange(bytes);
    }

    public void Flush() => _flushed = _bytes.Count;

    public long Replace(IEnumerable<byte[]> parts)
    {
        byte[][] all = [.. parts];
        _bytes.Clear();
        foreach (byte[] part in all)
        {
            _bytes.AddRange(part);
        }

        (_exists, _flushed) = (true, _bytes.Count);
        return _bytes.Count;
    }

    public void Delete()
    {
        (_exists, _flushed) = (false, 0);
        _bytes.Clear();
    }

    /// <param name="hasLied">The drive said that it had flushed what it had not.</param>
    public void LosePower(Random random, bool hasLied)
    {
        int kept = random.Next(hasLied ? 0 : _flushed, _bytes.Count + 1);
        _bytes.RemoveRange(kept, _bytes.Count - kept);
        _flushed = kept;
    }

    public void Dispose()
    {
    }
}
