using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Tests.Wire;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Tests.Fsm;

/// <summary>A machine with its connections, and the watch over what it does.</summary>
internal sealed class SimulatedNode
{
    // RFC 4271 §8.2.2, of the connection that is furthest: when it goes, the state is that of the other one.
    private static readonly HashSet<(BgpState From, BgpState To)> Legal =
    [
        (BgpState.Idle, BgpState.Connect), (BgpState.Idle, BgpState.Active), (BgpState.Idle, BgpState.OpenSent),
        (BgpState.Active, BgpState.OpenSent), (BgpState.Active, BgpState.Idle), (BgpState.Connect, BgpState.OpenSent), (BgpState.Connect, BgpState.Idle),
        (BgpState.OpenSent, BgpState.OpenConfirm), (BgpState.OpenSent, BgpState.Idle), (BgpState.OpenSent, BgpState.Connect),
        (BgpState.OpenConfirm, BgpState.Established), (BgpState.OpenConfirm, BgpState.Idle), (BgpState.OpenConfirm, BgpState.OpenSent), (BgpState.OpenConfirm, BgpState.Connect),
        (BgpState.Established, BgpState.Idle),
    ];

    private readonly SimulatedNetwork _network;
    private readonly BgpSessionMachine _machine;
    private readonly Dictionary<long, SimulatedLink> _links = [];
    private readonly Dictionary<long, List<byte>> _received = [];
    private readonly Dictionary<long, BgpMessageType> _lastSent = [];
    private readonly HashSet<long> _ended = [];
    private TimeSpan? _tickAt;

    public SimulatedNode(SimulatedNetwork network, SessionSettings settings, int seed)
    {
        _network = network;
        Settings = settings;
        _machine = new BgpSessionMachine(settings, seed, network.Now);
    }

    public SessionSettings Settings { get; }

    public SimulatedNode? Peer { get; set; }

    public BgpState State => _machine.State;

    public BgpSessionMachine Machine => _machine;

    public bool IsAlive { get; set; } = true;

    /// <summary>What the other side has said on the connection that is Established.</summary>
    public Dictionary<IPNetwork, UpdateMessage> AdjRibIn { get; } = [];

    public ImmutableArray<DesiredRoute> Desired { get; private set; } = [];

    /// <summary>Prefixes that were ever on the wire.</summary>
    public HashSet<IPNetwork> Said { get; } = [];

    public int Transitions { get; private set; }

    public string Describe()
    {
        ObservedSession seen = _machine.Observe("u", IPEndPoint.Parse("192.0.2.1:179"), 1, _network.Now, DateTimeOffset.UnixEpoch + _network.Now);
        return $"{seen.State} since {seen.Since:HH:mm:ss.fff}, next {seen.NextAttempt:HH:mm:ss.fff}, last {seen.LastError?.When:HH:mm:ss.fff} {seen.LastError?.Origin} {seen.LastError?.Text}, attempts {seen.Counters.ConnectAttempts}, established {seen.Counters.Established}";
    }

    public void Start() => Step(SessionEvent.Start());

    public void Stop() => Step(SessionEvent.Stop(CeaseSubcode.AdministrativeShutdown, "stop"));

    public void Set(ImmutableArray<DesiredRoute> routes, ImmutableArray<IPNetwork> allowed)
    {
        Desired = routes;
        Step(SessionEvent.Desired(routes, allowed));
    }

    public void Receive(SimulatedLink link, ReadOnlyMemory<byte> octets)
    {
        long id = link.IdOf(this);
        if (!_links.ContainsKey(id))
        {
            return;
        }

        List<byte> buffer = _received[id];
        buffer.AddRange(octets.Span);
        while (_links.ContainsKey(id) && buffer.Count > 0)
        {
            byte[] all = [.. buffer];
            BgpFrame frame = BgpFramer.Read(all);
            if (frame.Status == FrameStatus.Incomplete)
            {
                return;
            }

            if (frame.Status == FrameStatus.Bad)
            {
                Step(SessionEvent.Unreadable(id, frame.Error!));
                return;
            }

            buffer.RemoveRange(0, frame.Length);
            if (frame.Type == BgpMessageType.Notification)
            {
                _ = _ended.Add(id);
            }

            Step(SessionEvent.Message(id, frame.Type, all.AsSpan(BgpWire.HeaderLength, frame.Length - BgpWire.HeaderLength)));
        }
    }

    public void Closed(SimulatedLink link, string text)
    {
        long id = link.IdOf(this);
        if (_links.Remove(id))
        {
            Step(SessionEvent.Closed(id, text));
        }
    }

    /// <summary>A message from nowhere.</summary>
    public void Hear(long id, BgpMessageType type, ReadOnlySpan<byte> body)
    {
        if (type == BgpMessageType.Notification)
        {
            _ = _ended.Add(id);
        }

        Step(SessionEvent.Message(id, type, body));
    }

    /// <summary>Any event, also ones that no network gives.</summary>
    public void Step(in SessionEvent input)
    {
        List<SessionAction> actions = [];
        _machine.Step(input, _network.Now, actions);
        foreach (SessionAction action in actions)
        {
            Perform(action);
        }

        Arm();
    }

    private void Perform(SessionAction action)
    {
        switch (action.Kind)
        {
            case SessionActionKind.Connect:
                _network.At(_network.Delay(), () => Connect(action.Connection));
                break;
            case SessionActionKind.Send:
                Check(action);
                break;
            case SessionActionKind.Close or SessionActionKind.Abort:
                // Nothing is closed without a word, unless nothing was said on it or the other side has ended it.
                Assert.True(
                    action.Kind == SessionActionKind.Abort || !_lastSent.TryGetValue(action.Connection, out BgpMessageType last)
                    || last == BgpMessageType.Notification || _ended.Contains(action.Connection),
                    "closed without NOTIFICATION");
                if (_links.Remove(action.Connection, out SimulatedLink? link))
                {
                    link.Close(this);
                }

                break;
            case SessionActionKind.Update:
                Learn(UpdateReader.Read(action.Bytes.Span, isFourOctet: true).Update);
                break;
            case SessionActionKind.StateChanged:
                Transitions++;
                Assert.True(Legal.Contains((action.From, action.To)), $"{action.From} to {action.To}");
                if (action.From == BgpState.Established)
                {
                    AdjRibIn.Clear();
                }

                break;
        }
    }

    private void Check(SessionAction action)
    {
        BgpFrame frame = BgpFramer.Read(action.Bytes.Span);
        Assert.Equal((FrameStatus.Complete, action.Bytes.Length), (frame.Status, frame.Length));
        Readers.ReadAll(action.Bytes.Span);
        if (frame.Type == BgpMessageType.Update)
        {
            UpdateMessage update = UpdateReader.Read(action.Bytes.Span[BgpWire.HeaderLength..], isFourOctet: true).Update;
            Said.UnionWith(update.Announced);
        }

        _lastSent[action.Connection] = frame.Type;
        if (_links.TryGetValue(action.Connection, out SimulatedLink? link))
        {
            link.Send(this, action.Bytes);
        }

        Step(SessionEvent.Sent(action.Connection, unsent: 0));
    }

    private void Learn(UpdateMessage update)
    {
        foreach (IPNetwork prefix in update.Withdrawn)
        {
            _ = AdjRibIn.Remove(prefix);
        }

        foreach (IPNetwork prefix in update.Announced)
        {
            AdjRibIn[prefix] = update;
        }
    }

    private void Connect(long id)
    {
        if (!_network.IsUp || Peer is null)
        {
            Step(SessionEvent.ConnectFailed(id, "refused"));
            return;
        }

        long peerId = Peer._machine.NewConnection();
        var link = new SimulatedLink(_network, this, id, Peer, peerId);
        _network.Links.Add(link);
        Join(id, link);
        Peer.Join(peerId, link);
        Peer.Step(SessionEvent.Accepted(peerId, Addresses));
        Step(SessionEvent.Connected(id, Addresses));
    }

    private static ConnectionAddresses Addresses { get; } = new(IPEndPoint.Parse("198.51.100.7:40000"), IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8::7"));

    private void Join(long id, SimulatedLink link)
    {
        _links[id] = link;
        _received[id] = [];
    }

    private void Arm()
    {
        if (_machine.NextDeadline is { } next && (_tickAt is null || next < _tickAt))
        {
            _tickAt = next;
            _network.At(next > _network.Now ? next - _network.Now : TimeSpan.Zero, () =>
            {
                if (_tickAt == next)
                {
                    _tickAt = null;
                    Step(SessionEvent.Tick(IsAlive));
                }
            });
        }
    }
}
