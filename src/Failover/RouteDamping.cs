namespace OrleansCdn.Failover;

/// <summary>
/// The penalty for changes that the world has seen, halved with time. What it holds back is an announcement, never a withdrawal.
/// </summary>
/// <param name="Penalty">At <paramref name="At"/>.</param>
/// <param name="At">Of the process's clock.</param>
/// <param name="HeldSince">Null: nothing is held back.</param>
public readonly record struct RouteDamping(double Penalty, TimeSpan At, TimeSpan? HeldSince)
{
    public static RouteDamping None(TimeSpan now) => new(0, now, null);

    public double PenaltyAt(TimeSpan now, DampingPolicy policy) => Penalty * Math.Pow(0.5, (now - At) / policy.HalfLife);

    public RouteDamping Add(double penalty, TimeSpan now, DampingPolicy policy)
    {
        double sum = PenaltyAt(now, policy) + penalty;
        sum = Math.Min(sum, policy.Ceiling);
        return new RouteDamping(sum, now, HeldSince ?? (sum >= policy.HoldFrom ? now : null));
    }

    /// <summary>Ends a hold whose time has come.</summary>
    public RouteDamping Advance(TimeSpan now, DampingPolicy policy) =>
        HeldSince is { } since && (PenaltyAt(now, policy) < policy.ReleaseBelow || now - since >= policy.MaxHold)
            ? new RouteDamping(PenaltyAt(now, policy), now, null)
            : this;

    public bool IsHeld => HeldSince is not null;
}
