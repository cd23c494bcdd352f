using System.Collections.Immutable;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Failover;

namespace OrleansCdn.Announcer.Health;

/// <summary>What was seen of this server in one round.</summary>
internal sealed record RoundFacts
{
    /// <summary>Of what has to answer visitors, in the order of the targets.</summary>
    public required ImmutableArray<(ProbeTarget Target, ProbeFinding Finding)> Probes { get; init; }

    /// <summary>Something has to answer before this server is announced.</summary>
    public required bool NeedsProof { get; init; }

    /// <summary>What the edge said of itself; null: it is not asked.</summary>
    public LocalAnswer? Edge { get; init; }

    /// <summary>Why this announcer's own disk refuses; null: it does not, or there is none.</summary>
    public string? DiskTrouble { get; init; }

    /// <summary>This announcer writes.</summary>
    public bool HasDisk { get; init; }
}

/// <summary>Makes one round of what was seen: which checks there are, which of them is told to the machine. Pure but for what the board holds.</summary>
internal sealed class RoundMaker
{
    /// <summary>While nothing is known that could be probed: the edge's own word has to do.</summary>
    public const string NoTarget = "edge";

    private readonly CheckBoard _board = new();

    public HealthRound Make(RoundFacts facts, DateTimeOffset now)
    {
        CheckLook[] looks = [.. Hard(facts), .. Soft(facts)];
        CheckLook[] failing = [.. looks.Where(look => look is { IsHard: true, IsOk: false })];
        EdgeLocal? local = facts.Edge?.Local;
        return new HealthRound
        {
            Checks = _board.Step(looks, now),
            Hard = failing is [var first, .. var rest] ? new CheckFailure(first.Check, EdgeAdmin.Text(first.Evidence + Also(rest))) : null,
            Connections = (int?)local?.Connections,
            Reach = local?.Reach is { } reach
                ? [.. reach.Answering.Select(edge => new PeerProbed(edge, true)), .. reach.Silent.Select(edge => new PeerProbed(edge, false))]
                : [],
        };
    }

    /// <summary>While an edge starts it has an admin listener and does not say so yet; what it says of others then is as good as nothing.</summary>
    public static bool Listens(EdgeLocal edge) => edge.Addresses.Admin is not null;

    private static IEnumerable<CheckLook> Hard(RoundFacts facts)
    {
        if (facts.Probes.IsEmpty && facts.NeedsProof)
        {
            // A nameserver without listeners for visitors, or an edge that has not said yet where it listens.
            yield return facts.Edge?.Local is { } local && Listens(local)
                ? new CheckLook(NoTarget, true, true, "it has no listener for visitors, and says that it runs")
                : new CheckLook(NoTarget, true, false, $"where the edge listens is not known: {facts.Edge?.Evidence ?? "it was not asked yet"}");
        }

        foreach ((ProbeTarget target, ProbeFinding finding) in facts.Probes)
        {
            yield return new CheckLook(target.Check, true, finding.IsOk, finding.Evidence);
        }
    }

    private static IEnumerable<CheckLook> Soft(RoundFacts facts)
    {
        foreach ((ProbeTarget target, ProbeFinding finding) in facts.Probes)
        {
            if (finding.Certificate is { } certificate)
            {
                yield return new CheckLook($"{target.Check}-certificate", false, certificate.IsOk, certificate.Evidence);
            }
        }

        if (facts.Edge is { } edge)
        {
            yield return new CheckLook("edge-admin", false, edge.Local is not null, edge.Evidence) { Rise = CheckSight.RiseSoon };
            foreach (EdgeCheck check in edge.Local?.Checks ?? [])
            {
                yield return new CheckLook(check.Check, false, check.IsOk, check.Evidence);
            }
        }

        if (facts.HasDisk)
        {
            yield return new CheckLook("announcer-disk", false, facts.DiskTrouble is null, facts.DiskTrouble ?? "it takes what is written");
        }
    }

    private static string Also(ReadOnlySpan<CheckLook> rest)
    {
        string[] names = new string[rest.Length];
        for (int i = 0; i < rest.Length; i++)
        {
            names[i] = rest[i].Check;
        }

        return names.Length == 0 ? "" : $"; {string.Join(", ", names)} {(names.Length == 1 ? "fails" : "fail")}, too";
    }
}
