using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Failover;

/// <summary>The loop lives while it decides: a fault in one message is survived, one in each tick is not, and a loop that hangs is dead.</summary>
public sealed class FailoverLoopTests : IDisposable
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(9);

    private readonly FakeTimeProvider _time = new();
    private readonly FailoverInbox _inbox = new();
    private readonly Pulse _pulse;
    private readonly Watchdog _watchdog;
    private readonly ManualResetEventSlim _hang = new(initialState: true);
    private readonly FailoverLoop _loop;
    private readonly AnnouncerState _state = new();
    private volatile bool _throws;
    private volatile bool _hangs;
    private int _turns;

    public FailoverLoopTests()
    {
        _pulse = new Pulse(_time);
        _watchdog = new Watchdog(_pulse);
        FailoverHooks hooks = new()
        {
            Self = new KnownServer("waw1", "waw"),
            SetLevel = _ => { },
            IsOnWire = () =>
            {
                _hangs = !_hang.IsSet;
                _hang.Wait();
                Interlocked.Increment(ref _turns);
                return _throws ? throw new InvalidOperationException("a bug") : false;
            },
            IsConnected = () => true,
            Keeper = new FailoverKeeper(null, new WakeUp(), _time, NullLogger.Instance),
            Outbox = new FailoverOutbox(_time),
            State = _state,
            Time = _time,
        };
        _loop = new FailoverLoop(new FailoverDriver(hooks, null, null, new Random(1), NullLogger.Instance), _inbox, _pulse, _time, NullLogger.Instance);
    }

    public void Dispose()
    {
        _hang.Set();
        _loop.Dispose();
        _hang.Dispose();
    }

    [Fact]
    public async Task While_it_ticks_sessions_speak_and_when_it_hangs_they_fall_silent()
    {
        await StartAsync();
        await PassAsync(20);
        Assert.True(_watchdog.IsAlive(Hold));
        _hang.Reset();
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await Seen.UntilAsync("it hangs", () => _hangs);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(_watchdog.IsAlive(Hold));
        _hang.Set();
        await PassAsync(2);
        Assert.True(_watchdog.IsAlive(Hold));
    }

    [Fact]
    public async Task A_fault_in_one_turn_is_survived_and_one_in_each_is_not()
    {
        await StartAsync();
        await PassAsync(2);
        _throws = true;
        await PassAsync(2);
        _throws = false;
        await PassAsync(2);
        Assert.True(_watchdog.IsAlive(Hold));
        _throws = true;
        await PassAsync(16);
        Assert.False(_watchdog.IsAlive(Hold));
        Assert.False(_loop.ExecuteTask!.IsCompleted);
    }

    [Fact]
    public async Task What_finds_no_place_is_counted_and_time_passes_all_the_same()
    {
        _hang.Reset();
        await StartAsync();
        for (int i = 0; i < 1000; i++)
        {
            _inbox.Post(new HealthRound { Checks = [], Hard = null });
        }

        Assert.InRange(_inbox.Dropped, 700, 1000);
        _hang.Set();
        await PassAsync(2);
        await Seen.UntilAsync("Announced", () => _state.Failover?.Status.Phase == FailoverPhase.Announced);
        Assert.True(_watchdog.IsAlive(Hold));
    }

    private async Task StartAsync()
    {
        await _loop.StartAsync(CancellationToken.None);
        await _time.UntilArmedAsync(1);
    }

    /// <summary>Quarters of a second, each seen by the loop before the next.</summary>
    private async Task PassAsync(int quarters)
    {
        for (int i = 0; i < quarters; i++)
        {
            int before = Volatile.Read(ref _turns);
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Seen.UntilAsync("a turn", () => Volatile.Read(ref _turns) > before + 1);
        }
    }
}
