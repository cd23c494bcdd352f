using System.Threading.Channels;

namespace OrleansCdn.Announcer;

/// <summary>Says to one loop that there is something to look at, not what; from any thread, and without waiting.</summary>
internal sealed class WakeUp
{
    // One place is enough: who is awake looks at everything.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _news.Writer.TryWrite(true);

    /// <summary>Until it is woken, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken stoppingToken)
    {
        using CancellationTokenSource limit = new(longest, time);
        using CancellationTokenSource wait = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            _ = await _news.Reader.ReadAsync(wait.Token);
        }
        catch (OperationCanceledException)
        {
            // Nothing new: the loop looks all the same.
        }
    }
}
