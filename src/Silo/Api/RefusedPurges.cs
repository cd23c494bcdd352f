using System.Collections.Immutable;
using System.Threading.RateLimiting;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Silo.Api;

/// <summary>The last refusals of this silo. In memory: what is not allowed must not be able to fill a disk.</summary>
internal sealed class RefusedPurges : IDisposable
{
    /// <summary>Enough to see a plug-in that is set up wrongly, or a token that is tried out.</summary>
    public const int MaxEntries = 1000;

    /// <summary>Lines in the silo's log per second: what tells an operator, and no more than a disk is glad to write.</summary>
    private const int LinesPerSecond = 20;

    private readonly FixedWindowRateLimiter _lines = new(new FixedWindowRateLimiterOptions { PermitLimit = LinesPerSecond, Window = TimeSpan.FromSeconds(1) });
    private readonly Lock _lock = new();
    private readonly Queue<(long Number, AuditEntry Entry)> _entries = [];
    private long _number;

    /// <returns>Whether it is also to be logged.</returns>
    public bool Add(AuditEntry entry)
    {
        lock (_lock)
        {
            _entries.Enqueue((++_number, entry));
            if (_entries.Count > MaxEntries)
            {
                _entries.Dequeue();
            }
        }

        using RateLimitLease line = _lines.AttemptAcquire();
        return line.IsAcquired;
    }

    /// <summary>A refusal of something else than a purge.</summary>
    /// <param name="what">What it was about: a PoP, an upstream, a zone.</param>
    /// <returns>Whether it is also to be logged.</returns>
    public bool Add(DateTimeOffset when, string who, string? from, AuditAction action, string what, string detail) => Add(new AuditEntry
    {
        When = when,
        Who = who,
        From = from,
        Action = action,
        Outcome = AuditOutcome.Refused,
        Count = 0,
        Values = AuditEntry.Sample([what]),
        Detail = detail,
    });

    /// <summary>What callers have written cannot forge lines in a log.</summary>
    public static string Printable(string text) =>
        string.Create(text.Length, text, (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
            }
        });

    /// <summary>Newest first, each with its number, which counts from 1 since the silo's start.</summary>
    public ImmutableArray<(long Number, AuditEntry Entry)> NewestFirst()
    {
        lock (_lock)
        {
            return [.. _entries.Reverse()];
        }
    }

    public void Dispose() => _lines.Dispose();
}
