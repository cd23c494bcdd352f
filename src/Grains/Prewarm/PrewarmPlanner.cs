using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Prewarm;

/// <summary>Finds a job's URLs by asking the edges what they have of the site's popular ones.</summary>
internal sealed class PrewarmPlanner(IGrainFactory grains, TimeProvider time)
{
    /// <summary>An edge looks through its store for four seconds at most, and one on another continent answers within one.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    /// <summary>Beyond the edge's time, for the call to the PoP's grain.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <returns>The URLs, and of each edge of the order a byte for each of them (<see cref="PrewarmCell"/>).</returns>
    public async Task<(ImmutableArray<string> Urls, byte[][] Cells)> PlanAsync(PrewarmOrder order, CancellationToken cancellationToken)
    {
        PrewarmPlan plan = order.Plan!;
        PopularityView view = await grains.GetGrain<IPopularityGrain>(order.Site).TopAsync(plan.Top, null, cancellationToken);
        ImmutableArray<string> candidates = Fitting(view.Urls);
        Coverage?[] answers = await Task.WhenAll(order.Edges.Select(edge => AskAsync(order, edge, candidates, cancellationToken)));
        return plan.Kind is null ? WarmUp(order, candidates, answers) : Refresh(order, candidates, answers);
    }

    /// <summary>At each edge what it has; an edge that did not answer has to look for itself.</summary>
    internal static (ImmutableArray<string> Urls, byte[][] Cells) Refresh(PrewarmOrder order, ImmutableArray<string> candidates, Coverage?[] answers)
    {
        HashSet<string>?[] covered = [.. answers.Select(answer => answer is null ? null : Found(candidates, answer))];
        ImmutableArray<string> urls =
        [
            .. candidates.Concat(answers.OfType<Coverage>().SelectMany(a => a.Named)).Distinct(StringComparer.Ordinal)
                .Where(url => covered.Any(c => c?.Contains(url) == true) && IsUrl(url)).Take(order.Plan!.Top),
        ];
        return (urls, [.. covered.Select(c => Cells(urls, url => c is null || c.Contains(url) ? PrewarmCell.Open : PrewarmCell.Skipped))]);
    }

    /// <summary>All candidates at the targets; the others give what they have.</summary>
    internal static (ImmutableArray<string> Urls, byte[][] Cells) WarmUp(PrewarmOrder order, ImmutableArray<string> candidates, Coverage?[] answers)
    {
        ImmutableArray<string> urls = [.. candidates.Where(IsUrl)];
        return (urls, [.. order.Edges.Select((edge, i) =>
        {
            HashSet<string> held = answers[i] is { } answer ? Found(candidates, answer) : [];
            return order.Targets.Contains(edge.Pop)
                ? Cells(urls, _ => PrewarmCell.Open)
                : Cells(urls, url => held.Contains(url) ? PrewarmCell.Fresh : PrewarmCell.Skipped);
        })]);
    }

    private static byte[] Cells(ImmutableArray<string> urls, Func<string, PrewarmCell> cellOf) => [.. urls.Select(url => (byte)cellOf(url))];

    private static bool IsUrl(string url) => PurgeUrl.TryParse(url, out _, out _);

    private static HashSet<string> Found(ImmutableArray<string> candidates, Coverage answer)
    {
        byte[] bits = answer.Candidates ?? [];
        var found = new HashSet<string>(answer.Named, StringComparer.Ordinal);
        for (int i = 0; i < candidates.Length && i / 8 < bits.Length; i++)
        {
            if ((bits[i / 8] & (1 << (i % 8))) != 0)
            {
                found.Add(candidates[i]);
            }
        }

        return found;
    }

    /// <summary>The first ones that a question has room for.</summary>
    private static ImmutableArray<string> Fitting(ImmutableArray<PopularUrl> urls)
    {
        long chars = 0;
        return [.. urls.Select(u => u.Url).TakeWhile(url => (chars += url.Length) <= CoverageQuestion.MaxValueChars)];
    }

    /// <summary>Null: it does not answer. A target of a warm-up is not asked: it says itself what it has when it is its turn.</summary>
    private async Task<Coverage?> AskAsync(PrewarmOrder order, PrewarmEdge edge, ImmutableArray<string> candidates, CancellationToken cancellationToken)
    {
        if (order.Plan!.Kind is null && order.Targets.Contains(edge.Pop))
        {
            return null;
        }

        var question = new CoverageQuestion
        {
            Id = Guid.NewGuid().ToString("N"),
            Site = order.Site,
            Kind = order.Plan.Kind,
            Values = order.Plan.Values,
            Candidates = candidates,
        };
        try
        {
            PopReply reply = await grains.GetGrain<IPopGrain>(edge.Pop)
                .AskAsync(new PopQuestion(edge.Edge, question, Wait), cancellationToken).WaitAsync(Wait + Margin, time, cancellationToken);
            return (reply.Answer as EdgeCovered)?.Coverage;
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            return null;
        }
    }
}
