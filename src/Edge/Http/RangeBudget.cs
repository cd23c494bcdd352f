using System.Collections.Concurrent;
using System.Net;
using OrleansCdn.Edge.Limits;

namespace OrleansCdn.Edge.Http;

/// <summary>
/// How many bytes more than it is sent a visitor may make this edge fetch by asking for parts (range amplification, RFC
/// 9110 §17.15). Whoever has used up its share gets its parts from the origin byte by byte, and nothing more is fetched.
/// </summary>
public sealed class RangeBudget(TimeProvider time)
{
    /// <summary>Starting 64 seeks into cold films at once is within it.</summary>
    public const long CapacityBytes = 64L << 20;

    /// <summary>What one visitor can cost an origin in the long run: four blocks a second, 34 Mbit/s.</summary>
    public const long RefillBytesPerSecond = 4L << 20;

    /// <summary>Those that asked least recently for the first time are forgotten first. About 10 MiB at most.</summary>
    private const int MaxVisitors = 65_536;

    private readonly ConcurrentDictionary<ClientKey, RangeAccount> _accounts = new();
    private readonly ConcurrentQueue<ClientKey> _order = new();

    public int Count => _accounts.Count;

    /// <summary>The account of an address; of an IPv6 address, that of its /64, which is one customer's.</summary>
    public RangeAccount Of(IPAddress? address)
    {
        ClientKey key = ClientKey.Of(address);
        if (_accounts.TryGetValue(key, out RangeAccount? known))
        {
            return known;
        }

        var added = new RangeAccount(time.MonotonicSeconds());
        RangeAccount account = _accounts.GetOrAdd(key, added);
        if (ReferenceEquals(account, added))
        {
            _order.Enqueue(key);
            while (_order.Count > MaxVisitors && _order.TryDequeue(out ClientKey oldest))
            {
                _accounts.TryRemove(oldest, out _);
            }
        }

        return account;
    }
}

/// <summary>One visitor's bytes. What is sent is given back, so that whoever reads what was fetched for it never runs dry.</summary>
public sealed class RangeAccount(double now)
{
    private readonly Lock _lock = new();
    private long _bytes = RangeBudget.CapacityBytes;
    private double _refilledAt = now;

    /// <summary>False: there is nothing left for a fetch of that size.</summary>
    public bool TryTake(long bytes, double now)
    {
        lock (_lock)
        {
            double refill = Math.Max(0, now - _refilledAt) * RangeBudget.RefillBytesPerSecond;
            _refilledAt = now;
            _bytes = (long)Math.Min(_bytes + refill, RangeBudget.CapacityBytes);
            if (_bytes < bytes)
            {
                return false;
            }

            _bytes -= bytes;
            return true;
        }
    }

    /// <summary>Sent, or fetched less than was taken; negative: fetched more.</summary>
    public void Give(long bytes)
    {
        lock (_lock)
        {
            _bytes = Math.Clamp(_bytes + bytes, -RangeBudget.CapacityBytes, RangeBudget.CapacityBytes);
        }
    }
}
