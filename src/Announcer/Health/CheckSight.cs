namespace OrleansCdn.Announcer.Health;

/// <summary>
/// What is held of one check: a change of mind takes several looks in a row, so that a lost packet or a full second at a border is no news. What the
/// failover machine counts it counts itself; this is for people. Pure.
/// </summary>
/// <param name="IsOk">Held now.</param>
/// <param name="Since">When that began.</param>
/// <param name="Against">Looks in a row that say otherwise.</param>
internal readonly record struct CheckSight(bool IsOk, DateTimeOffset Since, int Against)
{
    /// <summary>As the failover machine counts, by default.</summary>
    public const int Fall = 3;

    /// <summary>Of what answers or does not: it is seen to be over when it is.</summary>
    public const int RiseSoon = 3;

    /// <summary>Half a minute: disks and memory go to and fro at their borders.</summary>
    public const int RiseLate = 30;

    /// <summary>The first look counts at once.</summary>
    public static CheckSight First(bool isOk, DateTimeOffset now) => new(isOk, now, 0);

    /// <param name="isOk">By this look.</param>
    /// <param name="rise">Good looks in a row that end a failure.</param>
    /// <param name="now">For people.</param>
    public CheckSight Step(bool isOk, int rise, DateTimeOffset now) =>
        isOk == IsOk ? this with { Against = 0 }
        : Against + 1 >= Needed(rise) ? First(isOk, now)
        : this with { Against = Against + 1 };

    /// <summary>Looks in a row that change it.</summary>
    public int Needed(int rise) => IsOk ? Fall : rise;
}
