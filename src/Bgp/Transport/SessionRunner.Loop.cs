using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Transport;

/// <summary>The loop: events in, actions out. Only it touches connections and attempts.</summary>
public sealed partial class SessionRunner
{
    private Wanted? _told;
    private bool _hasStarted;

    private async Task RunAsync()
    {
        try
        {
            while (_parting is null)
            {
                Obey();
                Tick();
                Arm();
                SessionInput input = await _inbox.Reader.ReadAsync();
                Take(input);
            }

            Step(SessionEvent.Stop(_parting.Subcode, _parting.Text));
        }
        finally
        {
            _ = _inbox.Writer.TryComplete();
            await EndAsync();
        }
    }

    /// <summary>What was asked for from outside since the last turn.</summary>
    private void Obey()
    {
        if (_wanted is { } wanted && wanted != _told)
        {
            _told = wanted;
            Step(SessionEvent.Desired(wanted.Routes, wanted.Allowed));
        }

        if (_isStarted && !_hasStarted)
        {
            _hasStarted = true;
            Step(SessionEvent.Start());
        }
    }

    private void Tick()
    {
        if (Now >= _nextTick || _machine.NextDeadline <= Now)
        {
            _nextTick = Now + TickInterval;
            Step(SessionEvent.Tick(_hooks.IsAlive?.Invoke(_machine.Hold) ?? true));
        }
    }

    private void Arm()
    {
        TimeSpan next = _machine.NextDeadline is { } deadline && deadline < _nextTick ? deadline : _nextTick;
        TimeSpan wait = next - Now;

        // Timers count whole milliseconds: one that fires early would spin until its time has come.
        _ = _timer.Change(wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Take(in SessionInput input)
    {
        switch (input.Kind)
        {
            case SessionInputKind.Connected:
                OnConnected(input.Connection, input.Socket!);
                break;
            case SessionInputKind.ConnectFailed when _attempts.Remove(input.Connection, out CancellationTokenSource? attempt):
                attempt.Dispose();
                Step(SessionEvent.ConnectFailed(input.Connection, input.Text ?? ""));
                break;
            case SessionInputKind.Accepted:
                OnAccepted(input.Socket!);
                break;
            case SessionInputKind.Message:
                Step(SessionEvent.Message(input.Connection, input.MessageType, input.Body.Span));
                break;
            case SessionInputKind.Unreadable:
                Step(SessionEvent.Unreadable(input.Connection, input.Error!));
                break;
            case SessionInputKind.Sent:
                Step(SessionEvent.Sent(input.Connection, input.Unsent));
                break;
            case SessionInputKind.Closed when _connections.Remove(input.Connection, out SessionConnection? connection):
                End(connection.AbortAsync());
                Step(SessionEvent.Closed(input.Connection, input.Text ?? ""));
                break;
            default:
                break; // A wake, or word of what has been given up since.
        }
    }

    private void OnConnected(long id, Socket socket)
    {
        if (!_attempts.Remove(id, out CancellationTokenSource? attempt))
        {
            socket.Dispose();
            return;
        }

        attempt.Dispose();
        if (AddressesOf(socket) is { } addresses)
        {
            _connections[id] = new SessionConnection(id, socket, _settings.HoldTime, _inbox.Writer, _time);
            Step(SessionEvent.Connected(id, addresses));
        }
        else
        {
            socket.Dispose();
            Step(SessionEvent.ConnectFailed(id, "the connection was gone at once"));
        }
    }

    private void OnAccepted(Socket socket)
    {
        ForgetEnded();
        if (_connections.Count + _endings.Count >= MaxOpen || AddressesOf(socket) is not { } addresses)
        {
            socket.Dispose();
            return;
        }

        long id = _machine.NewConnection();
        _connections[id] = new SessionConnection(id, socket, _settings.HoldTime, _inbox.Writer, _time);
        Step(SessionEvent.Accepted(id, addresses));
    }

    /// <summary>Null: the peer has gone already.</summary>
    private ConnectionAddresses? AddressesOf(Socket socket)
    {
        try
        {
            IPEndPoint local = TcpPeer.Plain((IPEndPoint)socket.LocalEndPoint!);
            var hops = NextHops.Choose(local.Address, NextHops.OfInterface(local.Address), _peer, _told?.Allowed ?? []);
            string problems = string.Join("; ", [.. Problem("IPv4", AddressFamilies.Ipv4, hops.Ipv4), .. Problem("IPv6", AddressFamilies.Ipv6, hops.Ipv6)]);
            _nextHopProblem = problems.Length > 0 ? problems : null;
            return new ConnectionAddresses(local, hops.Ipv4, hops.Ipv6);

            string[] Problem(string name, AddressFamilies family, IPAddress? hop) =>
                (_settings.Families & family) == 0 || hop is not null ? []
                : [$"the interface of {local.Address} has no {name} address that prefixes could be announced with: name one"];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private void Step(in SessionEvent input)
    {
        lock (_lock)
        {
            _machine.Step(input, Now, _actions);
        }

        // One by one from a copy: an action can be the cause of the next step.
        SessionAction[] actions = [.. _actions];
        _actions.Clear();
        foreach (SessionAction action in actions)
        {
            Perform(action);
        }
    }

    private void Perform(in SessionAction action)
    {
        switch (action.Kind)
        {
            case SessionActionKind.Connect:
                Connect(action.Connection);
                break;
            case SessionActionKind.Send when _connections.TryGetValue(action.Connection, out SessionConnection? connection):
                if (!connection.Send(action.Bytes))
                {
                    _ = _connections.Remove(action.Connection);
                    End(connection.AbortAsync());
                    Step(SessionEvent.Closed(action.Connection, "the peer asks for more than it reads"));
                }

                break;
            case SessionActionKind.Close or SessionActionKind.Abort when _connections.Remove(action.Connection, out SessionConnection? connection):
                End(action.Kind == SessionActionKind.Close ? connection.CloseAsync() : connection.AbortAsync());
                break;
            case SessionActionKind.Close when _attempts.Remove(action.Connection, out CancellationTokenSource? attempt):
                attempt.Cancel();
                attempt.Dispose();
                break;
            case SessionActionKind.Update:
                _hooks.Updated?.Invoke(action.Bytes, _machine.IsFourOctet);
                break;
            case SessionActionKind.StateChanged:
                _hooks.StateChanged?.Invoke(action.From, action.To);
                break;
            default:
                break; // With a connection that has gone in the same turn.
        }
    }

    private void Connect(long id)
    {
        var attempt = new CancellationTokenSource();
        _attempts[id] = attempt;
        End(ConnectAsync(id, attempt.Token));
    }

    private async Task ConnectAsync(long id, CancellationToken cancellationToken)
    {
        await Task.Yield(); // Passwords are read beside the loop.
        SessionInput outcome;
        try
        {
            Socket socket = await TcpConnector.ConnectAsync(_peer, _settings.HoldTime, cancellationToken);
            outcome = new SessionInput(SessionInputKind.Connected, id) { Socket = socket };
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            outcome = new SessionInput(SessionInputKind.ConnectFailed, id) { Text = e.Message };
        }

        try
        {
            await _inbox.Writer.WriteAsync(outcome, CancellationToken.None);
        }
        catch (ChannelClosedException)
        {
            outcome.Socket?.Dispose();
        }
    }

    /// <summary>Keeps hold of what ends beside the loop.</summary>
    private void End(Task ending)
    {
        ForgetEnded();
        if (!ending.IsCompletedSuccessfully)
        {
            _ = _endings.Add(ending);
        }
    }

    private void ForgetEnded() => _ = _endings.RemoveWhere(e => e.IsCompletedSuccessfully);

    /// <summary>After a stop nothing is left but what lingers; after a bug there are connections, which go without a word.</summary>
    private async Task EndAsync()
    {
        foreach (CancellationTokenSource attempt in _attempts.Values)
        {
            await attempt.CancelAsync();
            attempt.Dispose();
        }

        foreach (SessionConnection connection in _connections.Values)
        {
            End(connection.AbortAsync());
        }

        await Task.WhenAll(_endings);
        while (_inbox.Reader.TryRead(out SessionInput input))
        {
            input.Socket?.Dispose();
        }
    }
}
