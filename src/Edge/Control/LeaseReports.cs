using System.Threading.Channels;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>
/// Reports on their way to the silo: several lanes, each in order and one at a time, so that the reports of one key
/// arrive in order although a far silo takes a tenth of a second for each.
/// </summary>
internal sealed class LeaseReports : IAsyncDisposable
{
    /// <summary>At 150 ms to a silo on another continent, 32 lanes carry some 200 reports a second.</summary>
    public const int Lanes = 32;

    /// <summary>Some seconds of reports; older ones are of no use any more, since a silo re-elects after its lease age.</summary>
    public const int ReportsPerLane = 64;

    /// <summary>After this the silo has given the lease to another one anyway.</summary>
    public static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(5);

    private readonly Channel<LeaseReport>[] _lanes = new Channel<LeaseReport>[Lanes];
    private readonly Task[] _senders = new Task[Lanes];
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<LeaseReport, CancellationToken, Task<bool>> _send;
    private readonly TimeProvider _time;
    private long _dropped;

    /// <param name="send">True when the silo has taken the report; must not throw.</param>
    /// <param name="time">Clock of <see cref="SendLimit"/>.</param>
    public LeaseReports(Func<LeaseReport, CancellationToken, Task<bool>> send, TimeProvider time)
    {
        _send = send;
        _time = time;
        for (int i = 0; i < Lanes; i++)
        {
            _lanes[i] = Channel.CreateBounded<LeaseReport>(
                new BoundedChannelOptions(ReportsPerLane) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
                _ => Interlocked.Increment(ref _dropped));
            _senders[i] = SendAllAsync(_lanes[i].Reader);
        }
    }

    /// <summary>Reports that no silo has got: the oldest of a full lane, and those of a failed sending.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public void Add(LeaseReport report) =>
        _lanes[(report.Key.GetHashCode(StringComparison.Ordinal) & int.MaxValue) % Lanes].Writer.TryWrite(report);

    public async ValueTask DisposeAsync()
    {
        foreach (Channel<LeaseReport> lane in _lanes)
        {
            lane.Writer.TryComplete();
        }

        await _stop.CancelAsync();
        await Task.WhenAll(_senders);
        _stop.Dispose();
    }

    private async Task SendAllAsync(ChannelReader<LeaseReport> lane)
    {
        try
        {
            await foreach (LeaseReport report in lane.ReadAllAsync(_stop.Token))
            {
                using CancellationTokenSource limit = new(SendLimit, _time);
                using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
                if (!await _send(report, linked.Token))
                {
                    Interlocked.Increment(ref _dropped);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
