using System.Net;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bench.Bgp;

/// <summary>State machines alone: every message of both ends through framer and codecs, time from a queue.</summary>
internal static class MachineCost
{
    private const int HoldSeconds = 90;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    public static void Run(int sessions, TimeSpan span)
    {
        Cost before = Cost.Now();
        List<Pair> pairs = [.. Enumerable.Range(0, sessions).Select(i => new Pair(i))];
        pairs.ForEach(p => p.Start());
        int established = pairs.Count(p => p.IsEstablished);
        Cost up = Cost.Now();
        Console.WriteLine($"{established} of {sessions} sessions Established");
        if (established != sessions)
        {
            throw new InvalidOperationException("a session is not Established");
        }

        for (TimeSpan now = Tick; now <= span; now += Tick)
        {
            foreach (Pair pair in pairs)
            {
                pair.TickAt(now);
            }
        }

        Cost over = Cost.Now();
        over.Print($"{span.TotalHours:0.#} h of keepalives, looked at each second", up, sessions, span);
        Console.WriteLine($"{pairs.Sum(p => p.Messages) / (over.Processor - up.Processor).TotalSeconds:0} messages and {2 * sessions * span.TotalSeconds / (over.Processor - up.Processor).TotalSeconds:0} ticks a second of one core; heap of a session with both its ends {(up.HeapBytes - before.HeapBytes) / 1024.0 / sessions:0.0} KiB");
        GC.KeepAlive(pairs);
    }

    private sealed class Pair
    {
        private static readonly ConnectionAddresses Addresses = new(IPEndPoint.Parse("198.51.100.7:40000"), IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8::7"));

        private readonly BgpSessionMachine _active;
        private readonly BgpSessionMachine _passive;
        private readonly Queue<(BgpSessionMachine To, ReadOnlyMemory<byte> Message)> _underway = [];
        private readonly List<SessionAction> _actions = [];
        private long _activeId;
        private long _passiveId;
        private TimeSpan _now;

        public Pair(int seed)
        {
            _active = new BgpSessionMachine(Sample.Settings(isPassive: false, HoldSeconds), seed, TimeSpan.Zero);
            _passive = new BgpSessionMachine(Sample.Settings(isPassive: true, HoldSeconds), ~seed, TimeSpan.Zero);
        }

        public long Messages { get; private set; }

        public bool IsEstablished => _active.State == BgpState.Established && _passive.State == BgpState.Established;

        public void Start()
        {
            Step(_active, SessionEvent.Desired(Sample.Routes(0), Sample.Prefixes));
            Step(_passive, SessionEvent.Start());
            Step(_active, SessionEvent.Start());
            _passiveId = _passive.NewConnection();
            Step(_passive, SessionEvent.Accepted(_passiveId, Addresses));
            Step(_active, SessionEvent.Connected(_activeId, Addresses));
            Deliver();
        }

        public void TickAt(TimeSpan now)
        {
            _now = now;
            Step(_active, SessionEvent.Tick(isAlive: true));
            Step(_passive, SessionEvent.Tick(isAlive: true));
            Deliver();
        }

        private void Deliver()
        {
            while (_underway.TryDequeue(out (BgpSessionMachine To, ReadOnlyMemory<byte> Message) next))
            {
                Messages++;
                BgpFrame frame = BgpFramer.Read(next.Message.Span);
                Step(next.To, SessionEvent.Message(next.To == _active ? _activeId : _passiveId, frame.Type, next.Message.Span[BgpWire.HeaderLength..]));
            }
        }

        private void Step(BgpSessionMachine machine, in SessionEvent input)
        {
            _actions.Clear();
            machine.Step(input, _now, _actions);
            bool hasSent = false;
            foreach (SessionAction action in _actions)
            {
                switch (action.Kind)
                {
                    case SessionActionKind.Connect:
                        _activeId = action.Connection;
                        break;
                    case SessionActionKind.Send:
                        _underway.Enqueue((machine == _active ? _passive : _active, action.Bytes));
                        hasSent = true;
                        break;
                    case SessionActionKind.Close or SessionActionKind.Abort:
                        throw new InvalidOperationException("a session was closed");
                }
            }

            if (hasSent)
            {
                machine.Step(SessionEvent.Sent(machine == _active ? _activeId : _passiveId, unsent: 0), _now, _actions);
            }
        }
    }
}
