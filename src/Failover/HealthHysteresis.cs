namespace OrleansCdn.Failover;

/// <summary>Probes of the local edge, counted so that one lost packet is no failure and one answer no recovery.</summary>
public readonly record struct HealthHysteresis
{
    /// <summary>In a row, until now.</summary>
    public int Successes { get; private init; }

    /// <summary>In a row, until now.</summary>
    public int Failures { get; private init; }

    /// <summary>Null: nothing is proven yet.</summary>
    public bool? IsWell { get; private init; }

    /// <summary>Of the last probe; null: it was answered, or there was none.</summary>
    public CheckFailure? Last { get; private init; }

    /// <summary>The last failure of a run that is long enough to count; null: there is no such run now.</summary>
    public CheckFailure? Failing { get; private init; }

    /// <summary>When the run of failures began; null: the last probe was answered.</summary>
    public TimeSpan? FailingSince { get; private init; }

    public TimeSpan ProbedAt { get; private init; }

    /// <summary>Whether it has ever counted as well: who never did has nothing to recover from.</summary>
    public bool HasBeenWell { get; private init; }

    public static HealthHysteresis New(bool hasBeenWell) => new() { HasBeenWell = hasBeenWell };

    public int RiseOf(FailoverPolicy policy) => HasBeenWell ? policy.Rise : policy.FirstRise;

    /// <summary>Counted as well from now on: the next failures count anew.</summary>
    public HealthHysteresis Recovered() => this with { IsWell = true, HasBeenWell = true };

    public HealthHysteresis Step(CheckFailure? failure, TimeSpan now, FailoverPolicy policy)
    {
        int successes = failure is null ? Math.Min(Successes + 1, policy.Rise + policy.FirstRise) : 0;
        int failures = failure is null ? 0 : Math.Min(Failures + 1, policy.Fall);
        bool? isWell = IsWell switch
        {
            null or false when successes >= RiseOf(policy) => true,
            null or true when failures >= policy.Fall => false,
            _ => IsWell,
        };
        return new HealthHysteresis
        {
            Successes = successes,
            Failures = failures,
            IsWell = isWell,
            HasBeenWell = HasBeenWell || isWell == true,
            Last = failure,
            Failing = failures >= policy.Fall ? failure : null,
            FailingSince = failure is null ? null : FailingSince ?? now,
            ProbedAt = now,
        };
    }
}
