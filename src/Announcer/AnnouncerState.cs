using System.Collections.Immutable;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer;

/// <summary>What this announcer knows: handed in by feed, file and failover loop, acted on by <see cref="Steward"/>.</summary>
internal sealed class AnnouncerState
{
    private readonly Lock _lock = new();
    private volatile DesiredAnnouncements? _desired;
    private volatile FailoverStanding? _failover;
    private ImmutableDictionary<string, ImmutableArray<string>> _problems = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Null: never heard of any.</summary>
    public DesiredAnnouncements? Desired => _desired;

    /// <summary>Null: the failover loop has not had its first turn.</summary>
    public FailoverStanding? Failover => _failover;

    /// <summary>Something is another than it was.</summary>
    public WakeUp News { get; } = new();

    /// <summary>What an operator has to mend, apart from sessions.</summary>
    public ImmutableArray<string> Problems => [.. Volatile.Read(ref _problems).OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value)];

    /// <summary>Takes a checked state unless it is older than what there is.</summary>
    public DesiredVerdict Offer(DesiredAnnouncements next)
    {
        DesiredVerdict verdict;
        lock (_lock)
        {
            verdict = DesiredOrder.Compare(_desired, next);
            if (verdict == DesiredVerdict.Newer)
            {
                _desired = next;
            }
        }

        Tell();
        return verdict;
    }

    /// <summary>Takes a checked state whatever there was: of a file, whose author counts no revisions.</summary>
    public void Replace(DesiredAnnouncements next)
    {
        lock (_lock)
        {
            _desired = next;
        }

        Tell();
    }

    /// <param name="standing">Of now.</param>
    /// <param name="isNews">Others are to look at it at once.</param>
    public void Stand(FailoverStanding standing, bool isNews)
    {
        _failover = standing;
        if (isNews)
        {
            Tell();
        }
    }

    /// <param name="source">Who has them; its former ones are over.</param>
    /// <param name="problems">Empty: none any more.</param>
    public void SetProblems(string source, ImmutableArray<string> problems)
    {
        lock (_lock)
        {
            Volatile.Write(ref _problems, problems.IsEmpty ? _problems.Remove(source) : _problems.SetItem(source, problems));
        }

        Tell();
    }

    private void Tell() => News.Wake();
}
