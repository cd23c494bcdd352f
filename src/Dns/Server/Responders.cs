using OrleansCdn.Dns.Answering;

namespace OrleansCdn.Dns.Server;

/// <summary>
/// One responder for each thread that answers. Those of threads that have ended are used again, so that there are never more than
/// have answered at one time, and what they have counted stays.
/// </summary>
internal sealed class Responders(DnsDataSource data)
{
    private readonly Lock _gate = new();
    private readonly List<DnsCounters> _counters = [];
    private readonly Stack<Responder> _free = [];

    public DnsCounters[] Counters
    {
        get
        {
            lock (_gate)
                return [.. _counters];
        }
    }

    public Responder Take()
    {
        lock (_gate)
        {
            if (_free.TryPop(out Responder? responder))
            {
                return responder;
            }

            var counters = new DnsCounters();
            _counters.Add(counters);
            return new Responder(data, counters);
        }
    }

    public void Return(Responder responder)
    {
        lock (_gate)
            _free.Push(responder);
    }
}
