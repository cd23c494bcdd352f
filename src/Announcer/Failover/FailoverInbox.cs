using System.Threading.Channels;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Announcer.Failover;

/// <summary>One of both, or neither: then it is time to look around.</summary>
internal readonly record struct FailoverInput(HealthRound? Health, FailoverNews? News);

/// <summary>What the failover loop is told by others. Nobody waits for it.</summary>
internal sealed class FailoverInbox
{
    /// <summary>A health round a second, a tick each quarter and some dozens of lines of the feed: more is a loop that stands still, and then nothing of it counts any more.</summary>
    private const int MaxWaiting = 256;

    private readonly Channel<FailoverInput> _inputs = Channel.CreateBounded<FailoverInput>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private long _dropped;

    public ChannelReader<FailoverInput> Reader => _inputs.Reader;

    /// <summary>Words and rounds that found no place.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Post(HealthRound round) => Post(new FailoverInput(round, null));

    public void Post(FailoverNews news) => Post(new FailoverInput(null, news));

    /// <summary>A full inbox is awake already.</summary>
    public void Wake() => _inputs.Writer.TryWrite(default);

    // All of it is said again: views each second, questions by who got no answer, rounds by the next one.
    private void Post(in FailoverInput input)
    {
        if (!_inputs.Writer.TryWrite(input))
        {
            Interlocked.Increment(ref _dropped);
        }
    }
}
