using OrleansCdn.Testing;

namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>What carries words between announcers: the silos. It loses what is on the way when a link breaks, each direction for itself, and keeps the order within a link.</summary>
internal sealed class Network(Scheduler scheduler)
{
    public static readonly TimeSpan SlowestWay = TimeSpan.FromSeconds(9);

    private readonly Dictionary<(string From, string To), TimeSpan> _last = [];
    private readonly HashSet<string> _cannotSend = [];
    private readonly HashSet<string> _cannotReceive = [];

    /// <summary>All silos are gone.</summary>
    public bool IsDown
    {
        get;
        set => (field, _fineSince) = (value, scheduler.Now);
    }

    public bool IsSlow
    {
        get;
        set => (field, _fineSince) = (value, scheduler.Now);
    }

    private TimeSpan _fineSince;

    /// <summary>Since when everything arrives, and soon.</summary>
    public TimeSpan FineSince => IsDown || IsSlow || _cannotSend.Count > 0 || _cannotReceive.Count > 0 ? TimeSpan.MaxValue : _fineSince;

    public void Cut(string server, bool sending, bool receiving)
    {
        if (sending)
        {
            _cannotSend.Add(server);
        }

        if (receiving)
        {
            _cannotReceive.Add(server);
        }
    }

    public void Heal(string server)
    {
        _fineSince = scheduler.Now;
        _cannotSend.Remove(server);
        _cannotReceive.Remove(server);
    }

    public bool Carries(string from, string to) => !IsDown && !_cannotSend.Contains(from) && !_cannotReceive.Contains(to);

    public void Send(string from, string to, Action deliver)
    {
        if (!Carries(from, to))
        {
            return;
        }

        TimeSpan at = scheduler.Now + (IsSlow ? scheduler.Between(100, SlowestWay.TotalMilliseconds) : scheduler.Between(1, 200));
        at = _last.TryGetValue((from, to), out TimeSpan before) && before > at ? before : at;
        _last[(from, to)] = at;
        scheduler.After(at - scheduler.Now, () =>
        {
            if (Carries(from, to))
            {
                deliver();
            }
        });
    }
}
