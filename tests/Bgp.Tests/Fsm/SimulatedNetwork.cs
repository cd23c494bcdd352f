using OrleansCdn.Bgp.Fsm;

namespace OrleansCdn.Bgp.Tests.Fsm;

/// <summary>Time that only passes when something is due, and what is due in it.</summary>
internal sealed class SimulatedNetwork(Random random)
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _due = new();
    private long _order;

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public Random Random => random;

    /// <summary>Connections are refused while it is not.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>Octets are lost without a word, as behind a link that died.</summary>
    public bool IsBlackHole { get; set; }

    public List<SimulatedLink> Links { get; } = [];

    public void At(TimeSpan delay, Action action) => _due.Enqueue(action, (Now + delay, _order++));

    public TimeSpan Delay() => TimeSpan.FromMilliseconds(random.Next(1, 200));

    public void Run(TimeSpan span)
    {
        TimeSpan end = Now + span;
        while (_due.TryPeek(out Action? action, out (TimeSpan At, long Order) key) && key.At <= end)
        {
            _ = _due.Dequeue();
            Now = key.At;
            action();
        }

        Now = end;
    }
}

/// <summary>A TCP connection between two nodes: each direction in order, cut anywhere.</summary>
internal sealed class SimulatedLink(SimulatedNetwork network, SimulatedNode client, long clientId, SimulatedNode server, long serverId)
{
    private readonly TimeSpan[] _last = [default, default];
    private bool _isReset;

    public long IdOf(SimulatedNode node) => node == client ? clientId : serverId;

    public void Send(SimulatedNode from, ReadOnlyMemory<byte> octets)
    {
        SimulatedNode to = from == client ? server : client;
        while (!octets.IsEmpty)
        {
            int length = network.Random.Next(4) == 0 ? network.Random.Next(1, octets.Length + 1) : octets.Length;
            ReadOnlyMemory<byte> part = octets[..length];
            octets = octets[length..];
            InOrder(from, () => to.Receive(this, part));
        }
    }

    public void Close(SimulatedNode from)
    {
        SimulatedNode to = from == client ? server : client;
        InOrder(from, () => to.Closed(this, ""));
    }

    /// <summary>Both ends hear of it, what is under way is lost.</summary>
    public void Reset()
    {
        _isReset = true;
        network.At(network.Delay(), () => client.Closed(this, "connection reset"));
        network.At(network.Delay(), () => server.Closed(this, "connection reset"));
    }

    private void InOrder(SimulatedNode from, Action action)
    {
        if (network.IsBlackHole)
        {
            _isReset = true; // What is lost in the middle of a stream never comes: nothing behind it either.
        }

        int direction = from == client ? 0 : 1;
        TimeSpan at = network.Now + network.Delay();
        _last[direction] = at > _last[direction] ? at : _last[direction];
        network.At(_last[direction] - network.Now, () =>
        {
            if (!_isReset)
            {
                action();
            }
        });
    }
}
