using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Silo.Tests.Routing;

namespace OrleansCdn.Silo.Tests.Failover;

/// <summary>An announcer that waits for a warm cache: what other PoPs have is brought to its edges, and then it is told.</summary>
public sealed class WarmUpTests : IAsyncLifetime
{
    private const string Popular = "http://www.example.net/a";

    private RunningSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await RoutedSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    private Task<ScriptedEdge> EdgeAsync(string pop) => ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello(pop, $"{pop}1"));

    private Task<ScriptedAnnouncer> AnnouncerAsync(string pop, string instance = "i1") => ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello(pop, $"{pop}1", instance));

    [Fact]
    public async Task What_others_have_is_fetched_from_them_and_then_the_announcer_is_told()
    {
        await using ScriptedEdge waw = await EdgeAsync("waw");
        await using ScriptedEdge lax = await EdgeAsync("lax");
        await using ScriptedEdge grr = await EdgeAsync("grr");
        await using ScriptedAnnouncer announcer = await AnnouncerAsync("waw");
        await TellPopularAsync(lax);

        announcer.Send(new FailoverWord { WarmUp = 7 });
        CoverageQuestion question = await lax.NextAsync<CoverageQuestion>();
        Assert.Equal((null, Popular), (question.Kind, Assert.Single(question.Candidates!.Value)));
        lax.Send(new EdgeCovered(question.Id, new Coverage { Memory = new CoveredTier(1, 1, 1, 1, true, []), Candidates = [1] }));
        CoverageQuestion asked = await grr.NextAsync<CoverageQuestion>();
        grr.Send(new EdgeCovered(asked.Id, new Coverage { Memory = new CoveredTier(0, 0, 0, 0, true, []), Candidates = [0] }));

        PrewarmBatch batch = await waw.NextAsync<PrewarmBatch>();
        PrewarmTask task = Assert.Single(batch.Tasks);
        Assert.Equal((Popular, "lax/lax1"), (task.Url, task.From));

        // It asks with every word, and before its edges have it nobody says that they do.
        announcer.Send(new FailoverWord { WarmUp = 7 });
        await using ScriptedAnnouncer other = await AnnouncerAsync("lax");
        for (int i = 1; i <= 3; i++)
        {
            announcer.Send(new FailoverWord { WarmUp = 7 });
            other.Send(new FailoverWord
            {
                View = new PeerView { Server = "lax1", Pop = "lax", Instance = 1, Sequence = i, Phase = FailoverPhase.Announced, Level = AnnouncementLevel.Normal, IsOnWire = true, IsWell = true },
            });
            Assert.Null((await announcer.NewsAsync(news => news.Warmed is not null || news.Views.Any(view => view.Sequence == i))).Warmed);
        }

        waw.Send(new EdgePrewarmed(batch.Job, [new PrewarmResult { Task = task.Id, Outcome = PrewarmOutcome.Stored, PeerFetches = 1 }]));
        await WarmedAsync(announcer, 7);
        PrewarmReply job = await ApiClient.Ok(
            await _silo.Admin.GetAsync(ApiRoutes.Prewarm.Replace("{id}", batch.Job, StringComparison.Ordinal)), ContractsJson.Default.PrewarmReply);
        Assert.Equal((PrewarmState.Done, 1L, 0L, "failover", "warm-up of waw"), (job.State, job.PeerFetches, job.OriginFetches, job.Who, job.Source));
        Assert.NotNull(job.Deadline);
    }

    [Fact]
    public async Task Without_anything_popular_there_is_nothing_to_wait_for()
    {
        await using ScriptedAnnouncer announcer = await AnnouncerAsync("waw");
        await WarmedAsync(announcer, 3);
        await WarmedAsync(announcer, 4);
    }

    /// <summary>The job is the same after a restart of the silo: it goes on, and is not made twice.</summary>
    [Fact]
    public async Task A_warm_up_survives_a_restart_of_the_silo()
    {
        string job;
        await using (ScriptedEdge waw = await EdgeAsync("waw"))
        await using (ScriptedEdge lax = await EdgeAsync("lax"))
        await using (ScriptedAnnouncer announcer = await AnnouncerAsync("waw"))
        {
            await TellPopularAsync(lax);
            announcer.Send(new FailoverWord { WarmUp = 9 });
            CoverageQuestion question = await lax.NextAsync<CoverageQuestion>();
            lax.Send(new EdgeCovered(question.Id, new Coverage { Memory = new CoveredTier(1, 1, 1, 1, true, []), Candidates = [1] }));
            job = (await waw.NextAsync<PrewarmBatch>()).Job;
        }

        TestData data = _silo.Data;
        await _silo.DisposeAsync();
        _silo = await RunningSilo.StartAsync(data);
        await using ScriptedEdge back = await EdgeAsync("waw");
        await using ScriptedEdge giver = await EdgeAsync("lax");
        await using ScriptedAnnouncer again = await AnnouncerAsync("waw", "i2");
        again.Send(new FailoverWord { WarmUp = 9 });
        PrewarmBatch batch = await back.NextAsync<PrewarmBatch>();
        Assert.Equal(job, batch.Job);
        back.Send(new EdgePrewarmed(batch.Job, [.. batch.Tasks.Select(task => new PrewarmResult { Task = task.Id, Outcome = PrewarmOutcome.Fresh })]));
        await WarmedAsync(again, 9);
        PrewarmListReply jobs = await ApiClient.Ok(await _silo.Admin.GetAsync(ApiRoutes.Prewarms), ContractsJson.Default.PrewarmListReply);
        Assert.Equal(job, Assert.Single(jobs.Prewarms).Id);
    }

    /// <summary>Says it with every word, as announcers do.</summary>
    private static async Task WarmedAsync(ScriptedAnnouncer announcer, long id)
    {
        using var isTold = new CancellationTokenSource();
        Task saying = Task.Run(async () =>
        {
            while (!isTold.IsCancellationRequested)
            {
                announcer.Send(new FailoverWord { WarmUp = id });
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        });
        Assert.Equal(id, (await announcer.NewsAsync(news => news.Warmed == id)).Warmed);
        await isTold.CancelAsync();
        await saying;
    }

    private async Task TellPopularAsync(ScriptedEdge edge)
    {
        await edge.NextAsync<PurgeGap>();
        edge.Send(new EdgePopularity
        {
            Site = "www", Part = 0, IsLast = true, PerMinute = 30, MissesPerMinute = 1, Floor = 0, Urls = [new UrlPopularity(Popular, 30, 0, 1)],
        });
        PopularityView view;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            view = await ApiClient.Ok(await _silo.Admin.GetAsync(ApiRoutes.Top.Replace("{site}", "www", StringComparison.Ordinal)), ContractsJson.Default.PopularityView);
        }
        while (view.Urls.IsEmpty);
    }
}
