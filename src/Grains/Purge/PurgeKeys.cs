using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Purge;

/// <summary>Idempotency keys of the last day: those whose append is durable, and those that are being written.</summary>
internal sealed class PurgeKeys
{
    /// <summary>How long a key is remembered: a deployment that is retried is retried on the same day.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromHours(24);

    /// <summary>One every two seconds for a day. Beyond, the oldest is forgotten; the log itself keeps not many more.</summary>
    public const int MaxKeys = 50_000;

    private readonly Dictionary<string, Known> _byHash = new(StringComparer.Ordinal);
    private readonly Queue<Known> _oldestFirst = [];

    public PurgeKeys(IEnumerable<PurgeReceipt> oldestFirst, DateTimeOffset now)
    {
        foreach (PurgeReceipt receipt in oldestFirst)
        {
            if (receipt.Key is { } key && !IsOld(receipt, now))
            {
                Begin(key, Task.FromResult(receipt));
            }
        }
    }

    public int Count => _byHash.Count;

    public static bool IsOld(PurgeReceipt receipt, DateTimeOffset now) => now - receipt.When >= Age;

    /// <summary>The append that this key came with; null: it is new, or too old, or that append failed.</summary>
    public Known? Find(PurgeKey key, DateTimeOffset now) =>
        _byHash.TryGetValue(key.Hash, out Known? known) && !IsOver(known, now) ? known : null;

    /// <summary>Remembers a key that <see cref="Find"/> does not know.</summary>
    /// <param name="key">Hash and content.</param>
    /// <param name="receipt">Ends when the append is durable, or fails with it.</param>
    public void Begin(PurgeKey key, Task<PurgeReceipt> receipt)
    {
        var known = new Known(key.Hash, key.Content, receipt);
        _byHash[key.Hash] = known;
        _oldestFirst.Enqueue(known);
        while (_oldestFirst.Count > MaxKeys)
        {
            Known oldest = _oldestFirst.Dequeue();
            if (_byHash.TryGetValue(oldest.Hash, out Known? current) && ReferenceEquals(current, oldest))
            {
                _byHash.Remove(oldest.Hash);
            }
        }
    }

    private static bool IsOver(Known known, DateTimeOffset now) =>
        known.Receipt.IsCompleted && (!known.Receipt.IsCompletedSuccessfully || IsOld(known.Receipt.Result, now));

    internal sealed record Known(string Hash, string Content, Task<PurgeReceipt> Receipt);
}
