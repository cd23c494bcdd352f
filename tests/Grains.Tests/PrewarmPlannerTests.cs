using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Prewarm;

namespace OrleansCdn.Grains.Tests;

public sealed class PrewarmPlannerTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(56);

    private static readonly ImmutableArray<string> Candidates = [.. Enumerable.Range(0, 10).Select(i => $"http://www.example.net/{i}")];

    private static Coverage Answer(string[] named, params int[] found)
    {
        var bits = new byte[2];
        foreach (int i in found)
        {
            bits[i / 8] |= (byte)(1 << (i % 8));
        }

        return new Coverage { Memory = new CoveredTier(0, 0, 0, 0, true, []), Candidates = bits, Named = [.. named] };
    }

    private static PrewarmOrder Order(PrewarmPlan plan, params string[] targets) =>
        PrewarmJobTests.Order(0, null, "waw/waw1", "lax/lax1", "grr/grr1") with { Plan = plan, Targets = [.. targets] };

    private static byte[] Cells(params PrewarmCell[] cells) => [.. cells.Select(c => (byte)c)];

    [Fact]
    public void A_refresh_is_of_what_is_covered_anywhere_the_most_popular_first_and_where_it_is_stored()
    {
        PrewarmOrder order = Order(new PrewarmPlan { Kind = PurgeKind.Tag, Top = 3 });
        (ImmutableArray<string> urls, byte[][] cells) = PrewarmPlanner.Refresh(
            order, Candidates, [Answer(["http://www.example.net/rare", "no URL"], 9), Answer(["http://www.example.net/rare"], 3), null]);
        Assert.Equal(["http://www.example.net/3", "http://www.example.net/9", "http://www.example.net/rare"], urls.AsEnumerable());
        Assert.Equal(Cells(PrewarmCell.Skipped, PrewarmCell.Open, PrewarmCell.Open), cells[0]);
        Assert.Equal(Cells(PrewarmCell.Open, PrewarmCell.Skipped, PrewarmCell.Open), cells[1]);
        Assert.Equal(Cells(PrewarmCell.Open, PrewarmCell.Open, PrewarmCell.Open), cells[2]); // it did not say what it has
    }

    [Fact]
    public void Too_few_bits_are_not_found()
    {
        PrewarmOrder order = Order(new PrewarmPlan { Kind = PurgeKind.Tag, Top = 10 });
        Coverage none = Answer([], 9) with { Candidates = [] };
        Assert.Empty(PrewarmPlanner.Refresh(order, Candidates, [none, none with { Candidates = null }, null]).Urls);
    }

    [Fact]
    public void A_warm_up_takes_from_whoever_has_it_and_the_rest_at_the_pace_of_the_origin()
    {
        PrewarmOrder order = Order(new PrewarmPlan { Top = 10 }, "lax");
        (ImmutableArray<string> urls, byte[][] cells) = PrewarmPlanner.WarmUp(order, [.. Candidates.Take(2)], [Answer([], 0), null, null]);
        Assert.Equal(Cells(PrewarmCell.Fresh, PrewarmCell.Skipped), cells[0]);
        Assert.Equal(Cells(PrewarmCell.Open, PrewarmCell.Open), cells[1]);
        Assert.Equal(Cells(PrewarmCell.Skipped, PrewarmCell.Skipped), cells[2]);

        var job = new PrewarmJob(order with { Urls = urls }, cells, [], Start);
        job.Step(new PrewarmEvent.Connected(0, "c"), Start);
        job.Step(new PrewarmEvent.Connected(1, "c"), Start);
        PrewarmDispatch given = Assert.Single(job.Step(new PrewarmEvent.Tick(), Start));
        Assert.Equal(1, given.Edge);
        Assert.Equal([(0, "waw/waw1"), (1, null)], given.Tasks.Select(t => (t.Id, t.From)));
        job.Step(new PrewarmEvent.Reported(1, new PrewarmResult { Task = 0, Outcome = PrewarmOutcome.Stored, PeerFetches = 1 }), Start);
        Assert.Null(job.Verdict(Start));
        job.Step(new PrewarmEvent.Reported(1, new PrewarmResult { Task = 1, Outcome = PrewarmOutcome.Stored, OriginFetches = 1 }), Start);
        Assert.Equal(PrewarmState.Done, job.Verdict(Start));
        PrewarmPopState pop = Assert.Single(job.Pops);
        Assert.Equal(("lax", 2, 0, 0), (pop.Pop, pop.Stored, pop.Skipped, pop.Left));
    }

    [Fact]
    public void A_job_whose_every_fetch_failed_has_failed_whatever_is_not_to_be_fetched()
    {
        PrewarmOrder order = Order(new PrewarmPlan { Kind = PurgeKind.Tag, Top = 10 }) with { Urls = [Candidates[0]] };
        var job = new PrewarmJob(order, [Cells(PrewarmCell.Open), Cells(PrewarmCell.Skipped), Cells(PrewarmCell.Skipped)], [], Start);
        Assert.Null(job.Verdict(Start));
        Assert.Equal(PrewarmState.Failed, job.Verdict(Start + PrewarmJob.EdgePatience));
        Assert.Equal(PrewarmState.Done, new PrewarmJob(order with { Urls = [] }, [[], [], []], [], Start).Verdict(Start));
    }
}
