namespace OrleansCdn.Dns.Server.Tcp;

/// <summary>All connections of a server: how many there may be, in all and of one network, and how long each may wait.</summary>
internal sealed class TcpConnections(ServerCounters counters, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>By what the idle time is divided while more than half of the connections are in use.</summary>
    private const int BusyDivisor = 5;

    private readonly Lock _gate = new();
    private readonly HashSet<TcpConnection> _all = [];
    private readonly Dictionary<UInt128, int> _perNetwork = [];
    private ITimer? _sweep;
    private volatile TcpSettings _settings = TcpSettings.Default;

    public TcpSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _all.Count;
        }
    }

    public int CountOf(TcpPhase phase) => Snapshot().Count(connection => connection.Phase == phase);

    public void Start() => _sweep = time.CreateTimer(static state => ((TcpConnections)state!).Sweep(), this, SweepInterval, SweepInterval);

    /// <returns>False: there is no room for it.</returns>
    public bool TryAdd(TcpConnection connection)
    {
        TcpSettings settings = _settings;
        TcpConnection? idlest = null;
        lock (_gate)
        {
            if (_perNetwork.GetValueOrDefault(connection.Network) >= settings.MaxConnectionsPerNetwork)
            {
                counters.AddShared(ServerCount.TcpRefusedNetwork);
                return false;
            }

            if (_all.Count >= settings.MaxConnections)
            {
                // Whoever holds connections without asking anything makes room for who asks.
                idlest = Idlest_NeedsLock();
                if (idlest is null)
                {
                    counters.AddShared(ServerCount.TcpRefusedFull);
                    return false;
                }

                Remove_NeedsLock(idlest);
            }

            _all.Add(connection);
            _perNetwork[connection.Network] = _perNetwork.GetValueOrDefault(connection.Network) + 1;
        }

        idlest?.Cut(ServerCount.TcpClosedForRoom);
        return true;
    }

    public void Remove(TcpConnection connection)
    {
        lock (_gate)
            Remove_NeedsLock(connection);
    }

    /// <summary>No more queries are read.</summary>
    public void Drain()
    {
        foreach (TcpConnection connection in Snapshot())
        {
            connection.Drain();
        }
    }

    public void CutAll()
    {
        foreach (TcpConnection connection in Snapshot())
        {
            connection.Cut(ServerCount.TcpClosedIdle);
        }
    }

    public void Dispose() => _sweep?.Dispose();

    private void Sweep()
    {
        TcpSettings settings = _settings;
        TimeSpan now = time.GetElapsedTime(0);
        TcpConnection[] all = Snapshot();
        TimeSpan idle = all.Length > settings.MaxConnections / 2 ? settings.IdleTimeout / BusyDivisor : settings.IdleTimeout;
        foreach (TcpConnection connection in all)
        {
            TcpPhase phase = connection.Phase;
            (TimeSpan most, ServerCount reason) = phase switch
            {
                TcpPhase.Idle => (idle, ServerCount.TcpClosedIdle),
                TcpPhase.Reading => (settings.QueryTimeout, ServerCount.TcpClosedSlowQuery),
                _ => (settings.ReadTimeout, ServerCount.TcpClosedSlowReader),
            };
            if (now - connection.Since > most)
            {
                connection.Cut(reason);
            }
        }
    }

    private TcpConnection? Idlest_NeedsLock()
    {
        TcpConnection? idlest = null;
        foreach (TcpConnection connection in _all)
        {
            if (connection.Phase == TcpPhase.Idle && (idlest is null || connection.Since < idlest.Since))
            {
                idlest = connection;
            }
        }

        return idlest;
    }

    private void Remove_NeedsLock(TcpConnection connection)
    {
        if (!_all.Remove(connection))
        {
            return;
        }

        int left = _perNetwork[connection.Network] - 1;
        if (left == 0)
        {
            _perNetwork.Remove(connection.Network);
        }
        else
        {
            _perNetwork[connection.Network] = left;
        }
    }

    private TcpConnection[] Snapshot()
    {
        lock (_gate)
            return [.. _all];
    }
}
