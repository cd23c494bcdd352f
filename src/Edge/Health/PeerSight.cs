using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Health;

/// <summary>What is known of another edge by asking it: a change of mind takes several questions in a row.</summary>
/// <param name="HasAnswered">Ever. Until then its silence says nothing: it may not have been started, or a firewall may be in between.</param>
internal readonly record struct PeerSight(bool HasAnswered, CheckRun Run)
{
    /// <summary>A connection that breaks, and a restart that is quick, cost two.</summary>
    public const int FallAfter = 3;

    public const int RiseAfter = 3;

    public bool IsSilent => HasAnswered && Run.IsSick;

    public PeerSight Step(bool answers) => HasAnswered || answers ? new PeerSight(true, Run.Step(answers, RiseAfter, FallAfter)) : this;
}
