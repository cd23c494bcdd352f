using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

public enum SessionEventKind
{
    Start,
    Stop,
    Connected,
    ConnectFailed,
    Accepted,
    Closed,
    Message,
    Unreadable,
    Sent,
    Tick,
    Desired,
}

/// <summary>Addresses of one TCP connection.</summary>
/// <param name="Local">Of this side.</param>
/// <param name="NextHopIpv4">What IPv4 prefixes are announced with; null: none can be.</param>
/// <param name="NextHopIpv6">What IPv6 prefixes are announced with; null: none can be.</param>
public sealed record ConnectionAddresses(IPEndPoint Local, IPAddress? NextHopIpv4, IPAddress? NextHopIpv6);

/// <summary>Something that happened to a session: RFC 4271 §8.1, with the messages not yet told apart.</summary>
public readonly ref struct SessionEvent
{
    private SessionEvent(SessionEventKind kind, long connection = 0)
    {
        Kind = kind;
        Connection = connection;
    }

    public SessionEventKind Kind { get; }

    /// <summary>Which one it is about; events of connections that the machine has done with are nothing to it.</summary>
    public long Connection { get; }

    public ConnectionAddresses? Addresses { get; private init; }

    public BgpMessageType MessageType { get; private init; }

    /// <summary>Behind the header; valid during the step alone.</summary>
    public ReadOnlySpan<byte> Body { get; private init; }

    public BgpNotification? Notification { get; private init; }

    public CeaseSubcode Subcode { get; private init; }

    public string Text { get; private init; } = "";

    /// <summary>Of a tick: the watchdog sees the rest of the process at work.</summary>
    public bool IsAlive { get; private init; }

    /// <summary>Octets that the kernel has not taken yet.</summary>
    public int Unsent { get; private init; }

    public ImmutableArray<DesiredRoute> Routes { get; private init; } = [];

    public ImmutableArray<IPNetwork> AllowedPrefixes { get; private init; } = [];

    /// <summary>ManualStart or AutomaticStart.</summary>
    public static SessionEvent Start() => new(SessionEventKind.Start);

    /// <param name="subcode">What the peer is told: shutdown, de-configured …</param>
    /// <param name="text">RFC 9003; empty: none.</param>
    public static SessionEvent Stop(CeaseSubcode subcode, string text = "") => new(SessionEventKind.Stop) { Subcode = subcode, Text = text };

    /// <summary>An attempt that the machine asked for has a connection.</summary>
    public static SessionEvent Connected(long connection, ConnectionAddresses addresses) => new(SessionEventKind.Connected, connection) { Addresses = addresses };

    public static SessionEvent ConnectFailed(long connection, string text) => new(SessionEventKind.ConnectFailed, connection) { Text = text };

    /// <param name="connection">Of <see cref="BgpSessionMachine.NewConnection"/>.</param>
    /// <param name="addresses">The neighbour's address was checked by the listener.</param>
    public static SessionEvent Accepted(long connection, ConnectionAddresses addresses) => new(SessionEventKind.Accepted, connection) { Addresses = addresses };

    /// <param name="connection">Which.</param>
    /// <param name="text">The socket's error; empty: the peer closed it.</param>
    public static SessionEvent Closed(long connection, string text = "") => new(SessionEventKind.Closed, connection) { Text = text };

    public static SessionEvent Message(long connection, BgpMessageType type, ReadOnlySpan<byte> body) =>
        new(SessionEventKind.Message, connection) { MessageType = type, Body = body };

    /// <summary>The framer has found what no message begins with.</summary>
    public static SessionEvent Unreadable(long connection, BgpNotification error) => new(SessionEventKind.Unreadable, connection) { Notification = error };

    /// <summary>The kernel has taken something of what was to be sent.</summary>
    public static SessionEvent Sent(long connection, int unsent) => new(SessionEventKind.Sent, connection) { Unsent = unsent };

    /// <summary>Time has passed: at <see cref="BgpSessionMachine.NextDeadline"/>, and at least each second.</summary>
    public static SessionEvent Tick(bool isAlive) => new(SessionEventKind.Tick) { IsAlive = isAlive };

    /// <param name="routes">All that the peer is to be told; what is not in it is withdrawn.</param>
    /// <param name="allowed">Nothing but these is ever announced.</param>
    public static SessionEvent Desired(ImmutableArray<DesiredRoute> routes, ImmutableArray<IPNetwork> allowed) =>
        new(SessionEventKind.Desired) { Routes = routes, AllowedPrefixes = allowed };
}
