namespace OrleansCdn.Bgp.Fsm;

/// <summary>
/// How long to wait before the next attempt: 1 s, doubled up to a minute, each with jitter (RFC 4271 §10).
/// Only a session that has held for a minute makes it forget.
/// </summary>
internal sealed class ReconnectBackoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Last = TimeSpan.FromSeconds(60);

    /// <summary>Established for less counts as a failure like any other: a session that flaps is not helped by haste.</summary>
    public static readonly TimeSpan Proven = TimeSpan.FromSeconds(60);

    private int _failures;

    public TimeSpan Next()
    {
        TimeSpan wait = First * (1 << Math.Min(_failures, 6));
        _failures++;
        return Jitter(wait < Last ? wait : Last, random);
    }

    public void Reset() => _failures = 0;

    /// <summary>0.75 to 1.0 of it: RFC 4271 §10.</summary>
    public static TimeSpan Jitter(TimeSpan time, Random random) => time * (0.75 + (0.25 * random.NextDouble()));
}
