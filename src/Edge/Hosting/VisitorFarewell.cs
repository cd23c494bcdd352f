using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace OrleansCdn.Edge.Hosting;

/// <summary>
/// While an operator drains the PoP or this edge, connections of visitors are asked to end: HTTP/1.1 by <c>Connection: close</c> on the next
/// response, or at once when nothing is under way; HTTP/2 by GOAWAY, after which streams go on to their end. Not all at once: as many
/// handshakes would come back, since DNS caches and routes lead here for a while.
/// </summary>
/// <remarks>Requests under way are never broken off, and connections of other edges stay: fills between edges go on.</remarks>
internal sealed class VisitorFarewell
{
    private readonly EdgeState _state;
    private readonly TimeProvider _time;
    private double _since = double.PositiveInfinity;

    public VisitorFarewell(EdgeState state, TimeProvider time)
    {
        (_state, _time) = (state, time);
        state.EligibilityReplaced += Look;
        Look();
    }

    /// <summary>Looks at the connection with each heartbeat of the server, every second, for as long as it is open.</summary>
    public void Watch(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionHeartbeatFeature>() is { } heartbeat && connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            var visit = new Visit(this, lifetime, _time.MonotonicSeconds(), ShareOf(connection.ConnectionId));
            heartbeat.OnHeartbeat(static visit => ((Visit)visit).Look(), visit);
        }
    }

    /// <summary>When a connection is asked to end: within the spread from the beginning of the drain, or from its own when it came later.</summary>
    /// <param name="drainedSince">Monotonic seconds; infinite: there is no drain.</param>
    /// <param name="opened">As <paramref name="drainedSince"/>.</param>
    /// <param name="spread">In seconds.</param>
    /// <param name="share">0 to 1: drawn once for each connection.</param>
    public static double AskedAt(double drainedSince, double opened, double spread, double share) => Math.Max(drainedSince, opened) + (share * spread);

    /// <summary>Hashes of strings are keyed at random in each process.</summary>
    private static double ShareOf(string connection) => (uint)connection.GetHashCode(StringComparison.Ordinal) / (double)uint.MaxValue;

    /// <summary>At the end of it routes are withdrawn at the earliest.</summary>
    private double SpreadSeconds => (_state.Snapshot?.Config.Cluster.Failover ?? Contracts.Config.RouteFailoverConfig.Default).Drain.TotalSeconds;

    private void Look()
    {
        bool isDraining = _state.Eligibility.IsDraining(_state.Pop, _state.Edge);
        if (isDraining == double.IsPositiveInfinity(Volatile.Read(ref _since)))
        {
            Volatile.Write(ref _since, isDraining ? _time.MonotonicSeconds() : double.PositiveInfinity);
        }
    }

    private sealed class Visit(VisitorFarewell farewell, IConnectionLifetimeNotificationFeature lifetime, double opened, double share)
    {
        private bool _isAsked;

        public void Look()
        {
            double since = Volatile.Read(ref farewell._since);
            if (_isAsked || double.IsPositiveInfinity(since) || farewell._time.MonotonicSeconds() < AskedAt(since, opened, farewell.SpreadSeconds, share))
            {
                return;
            }

            _isAsked = true;
            lifetime.RequestClose();
        }
    }
}
