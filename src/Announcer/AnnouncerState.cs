using System.Collections.Immutable;
using System.Threading.Channels;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer;

/// <summary>What this announcer knows: handed in by feed, file and health loop, acted on by <see cref="Steward"/>.</summary>
internal sealed class AnnouncerState(HealthGate health)
{
    private readonly Lock _lock = new();

    // One place is enough: it says that there is something to look at, not what.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile DesiredAnnouncements? _desired;
    private volatile HealthGate _health = health;
    private ImmutableDictionary<string, ImmutableArray<string>> _problems = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Null: never heard of any.</summary>
    public DesiredAnnouncements? Desired => _desired;

    public HealthGate Health => _health;

    /// <summary>Something is another than it was.</summary>
    public ChannelReader<bool> News => _news.Reader;

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

    public void Step(ProbeOutcome outcome)
    {
        _health = _health.Step(outcome);
        Tell();
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

    public void Tell() => _news.Writer.TryWrite(true);
}
