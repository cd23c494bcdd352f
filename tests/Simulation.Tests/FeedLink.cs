using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Simulation.Tests;

/// <summary>
/// One feed connection. Each direction keeps its order; when it breaks, what is under way may still arrive or not, and
/// each side finds out by itself.
/// </summary>
internal sealed class FeedLink(ClockScheduler scheduler, Network network, string pop, string edge)
{
    private readonly Direction _down = new();
    private readonly Direction _up = new();
    private bool _isBroken;

    private sealed class Direction
    {
        public TimeSpan Last { get; set; }

        public bool IsCut { get; set; }
    }

    public required Action<FeedLink, SiloMessage> ToEdge { get; init; }

    public required Action<FeedLink, EdgeMessage> ToPop { get; init; }

    public required Action<FeedLink> EdgeLost { get; init; }

    public required Action<FeedLink> PopLost { get; init; }

    public void Down(SiloMessage message) => Send(_down, () => ToEdge(this, message));

    public void Up(EdgeMessage message) => Send(_up, () => ToPop(this, message));

    /// <summary>Both sides learn of it, at different times: at once, or only when nothing was heard for long.</summary>
    public void Break()
    {
        if (_isBroken)
        {
            return;
        }

        _isBroken = true;
        scheduler.After(Noticed(), () => EdgeLost(this));
        scheduler.After(Noticed(), () => PopLost(this));
    }

    private TimeSpan Noticed() => network.IsFaulty && scheduler.OneIn(4)
        ? FeedProtocol.SilenceLimit : scheduler.Between(0.2, 30);

    private void Send(Direction direction, Action deliver)
    {
        if (!_isBroken && network.IsParted(pop, edge))
        {
            Break();
        }

        if (_isBroken)
        {
            return;
        }

        direction.Last = scheduler.AfterAtLeast(network.Delay(), direction.Last, () =>
        {
            // What is in a buffer when the connection breaks arrives, up to somewhere.
            direction.IsCut |= _isBroken && scheduler.OneIn(2);
            if (!direction.IsCut)
            {
                deliver();
            }
        });
    }
}
