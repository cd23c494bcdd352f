using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains.Events;
using OrleansCdn.Grains.Notifications;
using OrleansCdn.Testing;

namespace OrleansCdn.Grains.Tests.Notifications;

/// <summary>
/// The real log and the real machine between two silos that send and a receiver: crashes before and after each write, answers that get lost,
/// results that come late, twice or never, storms of events. What must never be wrong is checked as it happens.
/// </summary>
internal sealed class DeliverySimulation(int seed) : Scheduler(seed)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly NotificationConfig Webhook = new()
    {
        Name = "w", Url = "https://hooks.example.net/", Events = ["Session*"], MinSeverity = EventSeverity.Info, Format = NotificationFormat.Json,
        AllowPrivate = false, Timeout = TimeSpan.FromSeconds(10),
    };

    private readonly EventLog _log = new(new EventLogHead(), []);
    private readonly Dictionary<string, long[]> _deliveries = [];
    private readonly HashSet<string> _missedTold = [];
    private DeliveryRow _stored = new();
    private DeliveryRow _row = new();
    private bool _isHealed;
    private int _happened;
    private int _underWay;

    public SortedSet<long> Wanted { get; } = [];

    public HashSet<long> Received { get; } = [];

    public long ToldMissed { get; private set; }

    public DeliveryRow Row => _row;

    public int Crashes { get; private set; }

    public int Repeats { get; private set; }

    private DateTimeOffset Time => Start + Now;

    public void Run()
    {
        Step(new DeliveryBegan(0));
        Happen(1);
        After(TimeSpan.Zero, () => Silo(0));
        After(Between(0, 1000), () => Silo(1));
        After(Between(0, 60_000), Happens);
        RunUntil(TimeSpan.FromHours(1));
        _isHealed = true;
        RunUntil(TimeSpan.FromHours(2));
    }

    private void Happens()
    {
        if (!_isHealed)
        {
            Happen(OneIn(15) ? Random.Next(2500) : Random.Next(1, 6));
            After(Between(0, 120_000), Happens);
        }
    }

    private void Happen(int count)
    {
        for (; count > 0; count -= EventOutbox.MaxBatch)
        {
            NewEvent[] batch = [.. Enumerable.Range(0, Math.Min(count, EventOutbox.MaxBatch)).Select(_ => New())];
            long before = _log.Read(new EventQuery { Limit = 1 }).Next;
            _log.Written(_log.Plan([.. batch], Time));
            foreach (CdnEvent happened in _log.Read(new EventQuery { After = before, Limit = 1000 }).Events.Where(e => e.Kind == EventKind.SessionLost))
            {
                Wanted.Add(happened.Id);
            }
        }
    }

    private NewEvent New() => new()
    {
        Kind = OneIn(3) ? EventKind.SessionLost : EventKind.EdgeLost, Severity = EventSeverity.Problem, What = $"number {++_happened}",
    };

    /// <summary>A worker of one silo: asks, sends, tells.</summary>
    private void Silo(int silo)
    {
        DeliveryOrder? order = null;
        if (DeliveryMachine.IsDue(_row, 1, Time))
        {
            EventsReply log = _log.Read(DeliveryMachine.Question(_row, Webhook));
            order = Step(new DeliveryLooked(1, Webhook, log))?.Order;
        }

        if (order is null || Fails(20))
        {
            // Nothing to do; or the silo has died with the order, and the next one comes up.
            After(Between(1000, 20_000), () => Silo(silo));
            return;
        }

        _underWay++;
        Assert.Equal(1, _underWay);
        TimeSpan way = Between(1, Webhook.Timeout.TotalMilliseconds / 2);
        (DeliveryOutcome answer, bool isProcessed) = Answer();
        After(way, () =>
        {
            if (isProcessed)
            {
                Receive(order);
            }
        });
        After(way * 2, () =>
        {
            _underWay--;
            Told(silo, order, answer);
        });
    }

    /// <summary>Most receivers' answers, and those that the sender never sees.</summary>
    private (DeliveryOutcome Answer, bool IsProcessed) Answer() => _isHealed ? (DeliveryOutcome.Delivered, true) : Random.Next(8) switch
    {
        0 => (DeliveryOutcome.TimedOut, true),
        1 => (DeliveryOutcome.Unavailable, false),
        2 => (DeliveryOutcome.Refused, false),
        3 => (DeliveryOutcome.Unreachable, OneIn(2)),
        4 => (DeliveryOutcome.Interrupted, OneIn(2)),
        _ => (DeliveryOutcome.Delivered, true),
    };

    private void Told(int silo, DeliveryOrder order, DeliveryOutcome outcome)
    {
        TimeSpan? retryAfter = OneIn(4) ? Between(0, 600_000) : null;
        var ended = new DeliveryEnded(
            new DeliveryResult { Id = order.Id, Attempt = order.Attempt, Outcome = outcome, Evidence = "", RetryAfter = retryAfter }, Random.NextDouble());
        for (int times = Fails(10) ? 0 : OneIn(5) && !_isHealed ? 2 : 1; times > 0; times--)
        {
            After(OneIn(4) && !_isHealed ? Between(0, 60_000) : TimeSpan.Zero, () => Step(ended));
        }

        After(Between(1, 500), () => Silo(silo));
    }

    private void Receive(DeliveryOrder order)
    {
        long[] ids = [.. order.Events.Select(e => e.Id)];
        if (_deliveries.TryGetValue(order.Id, out long[]? known))
        {
            Assert.Equal(known, ids);
            Repeats++;
        }

        _deliveries[order.Id] = ids;
        if (_missedTold.Add(order.Id))
        {
            ToldMissed += order.Missed;
        }

        Assert.Equal(ids.Order(), ids);
        foreach (long id in ids.Where(id => !Received.Contains(id)))
        {
            Assert.Contains(id, Wanted);
            Assert.True(Received.Count == 0 || id > Received.Max(), $"{id} came after {(Received.Count == 0 ? 0 : Received.Max())}");
            Received.Add(id);
        }
    }

    /// <summary>What the grain does; null: it crashed, and the next activation has what was written.</summary>
    private DeliveryStep? Step(DeliveryEvent happening)
    {
        DeliveryStep step = DeliveryMachine.Step(Webhook.Name, _row, happening, Time);
        bool isBefore = Fails(25);
        if (step.MustWrite && !isBefore)
        {
            _stored = step.Row;
        }

        if (isBefore || Fails(25))
        {
            Crashes++;
            _row = _stored;
            return null;
        }

        _row = step.Row;
        return step;
    }

    private bool Fails(int n) => !_isHealed && Now > TimeSpan.Zero && OneIn(n);
}
