using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Announcer.Health;

/// <summary>One check at one look.</summary>
/// <param name="Check">Its name.</param>
/// <param name="IsHard">While it fails visitors are not served.</param>
/// <param name="IsOk">At this look.</param>
/// <param name="Evidence">What was seen.</param>
internal sealed record CheckLook(string Check, bool IsHard, bool IsOk, string Evidence)
{
    /// <summary>Good looks in a row that end a failure.</summary>
    public int Rise { get; init; } = IsHard ? CheckSight.RiseSoon : CheckSight.RiseLate;
}

/// <summary>All checks of this server as they are held, look after look. One thread at a time.</summary>
internal sealed class CheckBoard
{
    private Dictionary<string, CheckSight> _sights = new(StringComparer.Ordinal);

    /// <param name="looks">All of this round; a check that is not among them is forgotten. Of two with one name the first counts.</param>
    /// <param name="now">For people.</param>
    /// <returns>Hard ones first, each kind in the order of the looks.</returns>
    public ImmutableArray<HealthCheckStatus> Step(IEnumerable<CheckLook> looks, DateTimeOffset now)
    {
        Dictionary<string, CheckSight> next = new(StringComparer.Ordinal);
        List<HealthCheckStatus> statuses = [];
        foreach (CheckLook look in looks)
        {
            CheckSight sight = _sights.TryGetValue(look.Check, out CheckSight held) ? held.Step(look.IsOk, look.Rise, now) : CheckSight.First(look.IsOk, now);
            if (next.TryAdd(look.Check, sight))
            {
                statuses.Add(new HealthCheckStatus(look.Check, look.IsHard, sight.IsOk, EdgeAdmin.Text(Evidence(look, sight)), sight.Since));
            }
        }

        _sights = next;
        return [.. statuses.OrderByDescending(status => status.IsHard)];
    }

    /// <summary>What was seen, and how far it is from changing what is held.</summary>
    private static string Evidence(CheckLook look, CheckSight sight) => sight.Against == 0
        ? look.Evidence
        : string.Create(CultureInfo.InvariantCulture, $"({sight.Against} of {sight.Needed(look.Rise)}) {look.Evidence}");
}
