using System.Net;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Purge;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests;

/// <summary>How far the purge log goes back in time.</summary>
public sealed class PurgeRetentionTests
{
    /// <summary>Entries of a segment: a purge of so many tags fills the first one.</summary>
    private const int Segment = 512;

    /// <summary>What must happen happens within this on the slowest machine; nothing passes because of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task What_is_too_old_is_forgotten_and_an_edge_from_before_is_told_of_a_gap()
    {
        var data = new TestData();
        await using RunningSilo silo = await RunningSilo.StartAsync(data, _time, "--purge-log-age", "2h");
        await silo.Admin.AppliedAsync(TestData.Yaml);
        PurgeReply old = await silo.Admin.PurgedAsync(Tags(Segment));
        PurgeReply last = await silo.Admin.PurgedAsync(Tags(1));

        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(await IsKnownAsync(silo, old.Id));

        // A clock that is set does not count: the age is that of this process. An append is answered after what was due to be dropped before it.
        _time.StepWallClock(TimeSpan.FromDays(3650));
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(PurgeLogOptions.DropInterval);
            last = await silo.Admin.PurgedAsync(Tags(1));
        }

        Assert.True(await IsKnownAsync(silo, old.Id));
        _time.StepWallClock(TimeSpan.FromDays(-3650));

        await UntilGoneAsync(silo, _time, old.Id);
        Assert.True(await IsKnownAsync(silo, last.Id));

        await using ScriptedEdge behind = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1", last.Cursor with { Sequence = Segment - 1 }));
        Assert.Equal(last.Cursor, (await behind.NextAsync<PurgeGap>()).Through);
        await using ScriptedEdge near = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("lax", "lax1", last.Cursor with { Sequence = Segment }));
        Assert.Equal(last.Cursor, (await near.NextAsync<PurgeBatch>()).Through);
    }

    [Fact]
    public async Task A_restart_with_a_clock_years_ahead_never_drops_the_last_segment()
    {
        var data = new TestData();
        PurgeReply[] purges = new PurgeReply[3];
        await using (RunningSilo silo = await RunningSilo.StartAsync(data, _time))
        {
            await silo.Admin.AppliedAsync(TestData.Yaml);
            for (int i = 0; i < purges.Length; i++)
            {
                purges[i] = await silo.Admin.PurgedAsync(Tags(Segment));
            }
        }

        var ahead = new FakeTimeProvider(_time.GetUtcNow().AddYears(5));
        await using RunningSilo again = await RunningSilo.StartAsync(data, ahead);
        await UntilGoneAsync(again, ahead, purges[0].Id);
        await UntilGoneAsync(again, ahead, purges[1].Id);
        for (int i = 0; i < 5; i++)
        {
            ahead.Advance(PurgeLogOptions.DropInterval);
            await again.Admin.AppliedAsync(TestData.Yaml);
        }

        Assert.True(await IsKnownAsync(again, purges[2].Id));
    }

    private static PurgeRequest Tags(int count) =>
        new() { Site = "www", Kind = PurgeKind.Tag, Values = [.. Enumerable.Range(0, count).Select(i => $"tag{i}")] };

    /// <summary>Time goes on meanwhile: a timer of a grain is armed again some time after it has fired.</summary>
    private static async Task UntilGoneAsync(RunningSilo silo, FakeTimeProvider time, string id)
    {
        long started = TimeProvider.System.GetTimestamp();
        do
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"purge {id} is still known");
            time.Advance(PurgeLogOptions.DropInterval);
        }
        while (await IsKnownAsync(silo, id));
    }

    /// <summary>A leap of the clock cancels a grain's activation that is under way: then it is asked again.</summary>
    private static async Task<bool> IsKnownAsync(RunningSilo silo, string id)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using HttpResponseMessage answer = await silo.Admin.GetAsync(ApiRoutes.Purge.Replace("{id}", id, StringComparison.Ordinal));
            if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound)
            {
                return answer.StatusCode == HttpStatusCode.OK;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"the answer is {answer.StatusCode}");
        }
    }
}
