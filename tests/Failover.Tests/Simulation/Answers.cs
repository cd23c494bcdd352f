using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Drain;
using OrleansCdn.Grains.Failover;

namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>
/// Which PoPs DNS leads visitors to: decided by the silos, once a second and at each order, with the product's own board, from what announcers and the
/// operator say. The observer compares that with how servers and orders really are (I7).
/// </summary>
internal sealed class Answers
{
    /// <summary>The longest for a word that is said again (<see cref="FailoverPolicy.TellEvery"/> of the world, by the slowest clock), its way, and the next decision.</summary>
    private static readonly TimeSpan Known = TimeSpan.FromSeconds(5);

    /// <summary>A link that was slow gives what it still holds before what is new.</summary>
    private static readonly TimeSpan Backlog = Network.SlowestWay;

    /// <summary>A PoP that is back is chosen again after ten seconds.</summary>
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan DecideEvery = TimeSpan.FromSeconds(1);
    private static readonly DateTimeOffset Origin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly World _world;
    private readonly EligibilityBoard _board = new();
    private readonly Dictionary<string, (PeerView View, DateTimeOffset At)> _heard = [];
    private readonly Dictionary<string, TimeSpan> _orderedOutAt = [];
    private readonly ImmutableArray<string> _pops;
    private EligibilityRow _row = new();

    public Answers(World world)
    {
        _world = world;
        _pops = [.. world.Known.Select(server => server.Pop).Distinct()];
        _board.Configure(_pops, _row, _pops.ToHashSet());
        world.Scheduler.After(DecideEvery, Tick);
    }

    private DateTimeOffset Now => Origin + _world.Scheduler.Now;

    /// <summary>A view has reached the silos.</summary>
    public void Hear(PeerView view) => _heard[view.Server] = (view, Now);

    /// <summary>The operator has said something.</summary>
    public void Ordered(string pop)
    {
        if (IsOut(_world.OrdersOf(pop)))
        {
            _orderedOutAt.TryAdd(pop, _world.Scheduler.Now);
        }
        else
        {
            _orderedOutAt.Remove(pop);
        }

        Decide();
    }

    /// <summary>After each event.</summary>
    public void Check()
    {
        foreach (string pop in _pops)
        {
            if (IsChosen(pop) && WhyNot(pop) is { } why)
            {
                _world.Books.Fail($"I7: DNS leads visitors to {pop}, which {why}");
            }
        }
    }

    /// <summary>When all is quiet: who is announced and wanted is chosen.</summary>
    public void CheckLiveness()
    {
        foreach (string pop in _pops)
        {
            bool isBack = _world.Servers.Exists(server => server.Pop == pop && server.Machine is { Level: AnnouncementLevel.Normal } && _world.Scheduler.Now - server.PhaseAt > Back);
            if (isBack && !IsOut(_world.OrdersOf(pop)) && !IsChosen(pop))
            {
                _world.Books.Fail($"liveness: {pop} is announced, and DNS leads nobody there: {_row.Find(pop)}");
            }
        }
    }

    private bool IsChosen(string pop) => _row.Find(pop) is { State: EligibilityState.InService };

    /// <summary>As everybody could know by now; null: nothing speaks against it, or not for long enough.</summary>
    private string? WhyNot(string pop)
    {
        TimeSpan since = _world.Scheduler.Now - Known;
        if (_world.Network.FineSince > since - Backlog)
        {
            return null;
        }

        if (_orderedOutAt.TryGetValue(pop, out TimeSpan at) && at < since)
        {
            return $"an operator has wanted out since {at.TotalSeconds:0.000} s";
        }

        return _world.Servers.TrueForAll(server => server.Pop != pop || (server is { Machine.Phase: FailoverPhase.Withdrawn or FailoverPhase.Held, IsFrozen: false }
                && server.PhaseAt < since && server.UpSince < since && server.ThawedAt < since))
            ? "has withdrawn all its routes"
            : null;
    }

    private static bool IsOut(FailoverOrders orders) => orders.IsDraining || orders.Pin == FailoverPin.Withdrawn;

    private void Tick()
    {
        Decide();
        _world.Scheduler.After(DecideEvery, Tick);
    }

    private void Decide()
    {
        if (_world.Network.IsDown)
        {
            return;
        }

        foreach (string pop in _pops)
        {
            FailoverOrders orders = _world.OrdersOf(pop);
            if (_world.Mutation != Mutation.DnsForgetsDrains)
            {
                _board.Take(new PopDrain
                {
                    Pop = pop,
                    State = orders.IsDraining ? DrainState.Draining : DrainState.InService,
                    Version = orders.Version,
                    Pin = orders.Pin == FailoverPin.None ? null : new PopPin(orders.Pin, Origin, "operator"),
                });
            }

            if (_world.Mutation != Mutation.DnsIgnoresRoutes)
            {
                _board.Take(
                    new AnnouncersSighting(
                        pop,
                        [.. _world.Known.Where(server => server.Pop == pop)
                            .Select(server => AnnouncerSights.Of(server.Server, _heard.TryGetValue(server.Server, out var heard) ? heard : null, Now))]),
                    Now);
            }
        }

        _row = _row.With(_board.Decide(_row, Now, Now), _board.Observed, Now);
    }
}
