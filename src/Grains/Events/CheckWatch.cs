using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Events;

/// <summary>
/// From the reports of a PoP's announcers, which are whole states, to the checks that began to fail or ended. Pure. The first report of an
/// announcer is where it begins; a check that a report leaves out is held as it was. Announcers change their minds slowly enough for a time line.
/// Of a server that has just started nothing is told before it is well for the first time: its edge may start after its announcer.
/// </summary>
internal sealed class CheckWatch(string pop)
{
    /// <summary>While an edge does not say how it is, its own checks are left out: there are some seven.</summary>
    private const int MaxLeftOut = 16;

    private readonly Dictionary<string, Dictionary<string, bool>> _held = [];

    /// <summary>Checks of all servers.</summary>
    public int Held => _held.Values.Sum(checks => checks.Count);

    /// <summary>Forgets the announcers of other servers.</summary>
    public void Keep(IEnumerable<string> edges)
    {
        _held.KeepOnly(edges);
    }

    public List<NewEvent> Take(string edge, AnnouncerReport report)
    {
        var news = new List<NewEvent>();
        if (report.Failover is not { } failover)
        {
            return news;
        }

        bool isFirst = !_held.TryGetValue(edge, out Dictionary<string, bool>? before);
        if (failover.Phase == FailoverPhase.Cold)
        {
            _held[edge] = before ?? [];
            return news;
        }

        Dictionary<string, bool> now = [];
        foreach (HealthCheckStatus check in failover.Checks)
        {
            now[check.Check] = check.IsOk;
            if (!isFirst && before!.GetValueOrDefault(check.Check, true) != check.IsOk)
            {
                news.Add(Changed(edge, check));
            }
        }

        // Of what it leaves out some is held, whatever names a server makes up.
        foreach ((string check, bool isOk) in before ?? [])
        {
            if (now.Count < failover.Checks.Length + MaxLeftOut)
            {
                now.TryAdd(check, isOk);
            }
        }

        _held[edge] = now;
        return news;
    }

    private NewEvent Changed(string edge, HealthCheckStatus check) => new()
    {
        Kind = check.IsOk ? EventKind.CheckWell : EventKind.CheckFailed,
        Severity = check switch { { IsOk: true } => EventSeverity.Info, { IsHard: true } => EventSeverity.Problem, _ => EventSeverity.Warning },
        Pop = pop,
        Edge = edge,
        What = check switch
        {
            { IsOk: true } => $"check {check.Check} is well again",
            { IsHard: true } => $"check {check.Check} fails: visitors are not answered",
            _ => $"check {check.Check} needs a look",
        },
        Why = check.Evidence,
    };
}
