using System.Collections.Concurrent;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Limits;

public enum GateVerdict
{
    Admitted,

    /// <summary>The client sends faster than its rate.</summary>
    ClientRate,

    /// <summary>The client has too many requests under way.</summary>
    ClientBusy,

    /// <summary>The site has too many requests under way.</summary>
    SiteBusy,
}

/// <summary>What the clients of one site do at this edge. No site's clients count against another's.</summary>
/// <param name="remembered">Clients of all sites; shared by all gates.</param>
public sealed class SiteGate(ClientBudget remembered)
{
    /// <summary>Of one site: some 2 MiB. A home connection is one; what has more networks than these cannot be held off one by one.</summary>
    private const int MaxClients = 16 * 1024;

    /// <summary>Seconds between two looks for clients that can be forgotten, while new ones come.</summary>
    private const double SweepInterval = 10;

    /// <summary>Seconds, while there is no room.</summary>
    private const double FullSweepInterval = 1;

    private readonly ConcurrentDictionary<ClientKey, Client> _clients = new();
    private int _count;
    private int _running;
    private int _sweeping;
    private double _sweptAt = double.NegativeInfinity;

    public int Clients => Volatile.Read(ref _count);

    /// <summary>Requests of the site under way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <param name="wait">Seconds after which it is worth asking again, when it is not admitted.</param>
    /// <param name="client">Whose count was raised, to be given back to <see cref="Leave"/>; null: nobody's.</param>
    public GateVerdict TryEnter(LimitsConfig limits, ClientKey key, double now, out double wait, out Client? client)
    {
        client = null;
        wait = 0;
        if (limits.ClientRate is not null || limits.ClientConcurrency is not null)
        {
            GateVerdict verdict;
            do
            {
                client = FindOrAdd(key, now);
                verdict = client is null ? GateVerdict.Admitted : client.TryEnter(limits, now, out wait);
            }
            while (client is { IsForgotten: true });

            if (verdict != GateVerdict.Admitted)
            {
                client = null;
                return verdict;
            }
        }

        if (limits.Concurrency is { } most && Interlocked.Increment(ref _running) > most)
        {
            Interlocked.Decrement(ref _running);
            client?.Leave();
            client = null;
            wait = 1;
            return GateVerdict.SiteBusy;
        }

        return GateVerdict.Admitted;
    }

    /// <param name="isCounted">Whether the site had a limit of its own when the request was admitted.</param>
    public void Leave(Client? client, bool isCounted)
    {
        client?.Leave();
        if (isCounted)
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Gives back what this gate holds of the budget, when its site is gone.</summary>
    public void Close()
    {
        foreach (KeyValuePair<ClientKey, Client> entry in _clients)
        {
            if (_clients.TryRemove(entry))
            {
                Interlocked.Decrement(ref _count);
                remembered.Return();
            }
        }
    }

    /// <summary>Null when there is no room: who comes from so many networks is met by the site's own limit.</summary>
    private Client? FindOrAdd(ClientKey key, double now)
    {
        if (_clients.TryGetValue(key, out Client? known))
        {
            return known;
        }

        bool isFull = Volatile.Read(ref _count) >= MaxClients || remembered.IsSpent;
        Sweep(now, isFull ? FullSweepInterval : SweepInterval);
        if (Volatile.Read(ref _count) >= MaxClients || !remembered.TryTake())
        {
            return null;
        }

        var added = new Client();
        Client kept = _clients.GetOrAdd(key, added);
        if (ReferenceEquals(kept, added))
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            remembered.Return();
        }

        return kept;
    }

    private void Sweep(double now, double interval)
    {
        if (now - Volatile.Read(ref _sweptAt) < interval || Interlocked.Exchange(ref _sweeping, 1) != 0)
        {
            return;
        }

        Volatile.Write(ref _sweptAt, now);
        foreach (KeyValuePair<ClientKey, Client> entry in _clients)
        {
            if (entry.Value.TryForget(now) && _clients.TryRemove(entry))
            {
                Interlocked.Decrement(ref _count);
                remembered.Return();
            }
        }

        Volatile.Write(ref _sweeping, 0);
    }

    /// <summary>One client's bucket and its requests under way.</summary>
    public sealed class Client
    {
        private readonly Lock _lock = new();
        private RateState _rate;
        private int _running;
        private volatile bool _forgotten;

        /// <summary>It was taken out of the table before it was entered: look again.</summary>
        public bool IsForgotten => _forgotten;

        public GateVerdict TryEnter(LimitsConfig limits, double now, out double wait)
        {
            lock (_lock)
            {
                wait = 0;
                if (_forgotten)
                {
                    return GateVerdict.Admitted;
                }

                if (limits.ClientConcurrency is { } most && _running >= most)
                {
                    wait = 1;
                    return GateVerdict.ClientBusy;
                }

                if (limits.ClientRate is { } rate)
                {
                    _rate = _rate.Take(now, rate, limits.ClientBurst ?? rate, out wait);
                    if (wait > 0)
                    {
                        return GateVerdict.ClientRate;
                    }
                }

                _running++;
                return GateVerdict.Admitted;
            }
        }

        public void Leave()
        {
            lock (_lock)
            {
                _running--;
            }
        }

        /// <summary>What has a full bucket and nothing under way is as good as unknown.</summary>
        public bool TryForget(double now)
        {
            lock (_lock)
            {
                _forgotten |= _running == 0 && _rate.IsFull(now);
                return _forgotten;
            }
        }
    }
}

/// <summary>How many clients all sites together may remember.</summary>
public sealed class ClientBudget(int clients)
{
    private int _left = clients;

    public bool IsSpent => Volatile.Read(ref _left) <= 0;

    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _left) >= 0)
        {
            return true;
        }

        Interlocked.Increment(ref _left);
        return false;
    }

    public void Return() => Interlocked.Increment(ref _left);
}
