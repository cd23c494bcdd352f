using System.Globalization;

namespace OrleansCdn.Announcer.Health;

/// <summary>How one probe of the local edge went.</summary>
/// <param name="Failure">In words; null: it answered.</param>
internal readonly record struct ProbeOutcome(string? Failure)
{
    public static readonly ProbeOutcome Answered = new(null);
}

/// <summary>
/// Whether this server announces: not before its edge has answered some times in a row, and from then on whatever the probe says.
/// What one server sees is no reason to withdraw; it is told to those who can see the others, too.
/// </summary>
internal sealed record HealthGate
{
    private HealthGate(int rise, int successes, bool isOpen, string? failure, int failures)
    {
        Rise = rise;
        Successes = successes;
        IsOpen = isOpen;
        Failure = failure;
        Failures = failures;
    }

    /// <summary>Answers in a row that open it.</summary>
    public int Rise { get; }

    /// <summary>In a row, now.</summary>
    public int Successes { get; }

    /// <summary>In a row, now.</summary>
    public int Failures { get; }

    /// <summary>The last probe's; null: it answered, or there was none.</summary>
    public string? Failure { get; }

    /// <summary>Once open, it stays open.</summary>
    public bool IsOpen { get; }

    /// <summary>Nothing is proven yet.</summary>
    public static HealthGate Closed(int rise) => new(rise, 0, isOpen: false, null, 0);

    /// <summary>For who wants no proof.</summary>
    public static HealthGate Open() => new(0, 0, isOpen: true, null, 0);

    public HealthGate Step(ProbeOutcome outcome)
    {
        bool isGood = outcome.Failure is null;
        int successes = isGood ? Math.Min(Successes + 1, Rise) : 0;
        return new HealthGate(Rise, successes, IsOpen || successes >= Rise, outcome.Failure, isGood ? 0 : Failures + 1);
    }

    /// <summary>Why nothing is announced; null: it is.</summary>
    public string? HeldBack => IsOpen ? null
        : Failure is { } failure ? $"the local edge does not answer its probe yet: {failure}"
        : string.Create(CultureInfo.InvariantCulture, $"the local edge has answered {Successes} of {Rise} probes in a row");

    /// <summary>What an operator should look at; null: nothing.</summary>
    public string? Problem => IsOpen && Failure is { } failure
        ? string.Create(CultureInfo.InvariantCulture, $"the local edge has failed {Failures} probes in a row and stays announced: {failure}")
        : null;
}
