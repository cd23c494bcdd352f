using System.Diagnostics;

namespace OrleansCdn.Edge.Origin;

public enum CircuitPhase
{
    /// <summary>Requests go there.</summary>
    Closed,

    /// <summary>It failed too often: it is passed over until its back-off has passed.</summary>
    Open,

    /// <summary>One request tries whether it is back.</summary>
    Trial,
}

public enum CircuitEvent
{
    /// <summary>An answer that is no 502, 503 or 504.</summary>
    Succeeded,

    Failed,

    /// <summary>The request ended without telling anything of the origin: its visitor left.</summary>
    Abandoned,

    /// <summary>A request goes there although it is passed over, because its back-off has passed.</summary>
    TrialBegan,
}

/// <summary>When an origin is passed over and for how long; seconds.</summary>
public readonly record struct CircuitRules(int TripAfter, double BackOff, double MaxBackOff);

/// <summary>What happened to the requests to one origin, as a pure state machine; all times monotonic seconds.</summary>
/// <param name="Failures">In a row, while closed.</param>
/// <param name="Trips">Back-offs in a row without a success.</param>
/// <param name="Until">While open: the end of the back-off. During a trial: when another one may begin, should this one tell nothing.</param>
public readonly record struct CircuitState(CircuitPhase Phase, int Failures, int Trips, double Until)
{
    /// <summary>A trial that has told nothing for so long is taken for lost; first-byte limits may be as long as an hour.</summary>
    public const double TrialLimit = 60;

    /// <summary>2^16 back-offs of the shortest kind are past the longest; the cap keeps the power from overflowing.</summary>
    private const int MaxDoublings = 16;

    /// <summary>Whether a trial may begin.</summary>
    public bool IsTrialDue(double now) => Phase != CircuitPhase.Closed && now >= Until;

    /// <param name="jitter">0 to 1: back-offs are drawn from the upper half of their step, so that edges do not come back in one wave.</param>
    public CircuitState Step(CircuitEvent what, double now, CircuitRules rules, double jitter) => (Phase, what) switch
    {
        (_, CircuitEvent.Succeeded) => default,
        (CircuitPhase.Closed, CircuitEvent.Failed) when Failures + 1 < rules.TripAfter => this with { Failures = Failures + 1 },
        (CircuitPhase.Closed, CircuitEvent.Failed) => Open(1, now, rules, jitter),
        (CircuitPhase.Trial, CircuitEvent.Failed) => Open(Trips + 1, now, rules, jitter),

        // It began before the origin tripped, or because every origin is sick: nothing new.
        (CircuitPhase.Open, CircuitEvent.Failed) => this,
        (CircuitPhase.Trial, CircuitEvent.Abandoned) => this with { Phase = CircuitPhase.Open, Until = now },
        (_, CircuitEvent.Abandoned) => this,
        (_, CircuitEvent.TrialBegan) when IsTrialDue(now) => this with { Phase = CircuitPhase.Trial, Until = now + TrialLimit },
        _ => throw new UnreachableException($"{what} while {Phase}"),
    };

    private static CircuitState Open(int trips, double now, CircuitRules rules, double jitter)
    {
        double step = Math.Min(rules.MaxBackOff, rules.BackOff * (1 << Math.Min(trips - 1, MaxDoublings)));
        return new CircuitState(CircuitPhase.Open, 0, trips, now + (step * (0.5 + (jitter / 2))));
    }
}
