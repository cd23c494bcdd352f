using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests;

/// <summary>The same idempotency key is the same purge, whatever happens in between.</summary>
public sealed class PurgeKeyTests : IAsyncLifetime
{
    private static readonly PurgeRequest Red = new() { Site = "www", Kind = PurgeKind.Tag, Values = ["red"] };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private RunningSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await RunningSilo.StartAsync();
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_repeated_key_gets_the_first_receipt_and_purges_nothing()
    {
        PurgeReply first = await _silo.Admin.PurgedAsync(Red, "deploy-1");
        HttpResponseMessage second = await _silo.Admin.PurgeAsync(Red with { Wait = true, DeadlineMs = 1 }, "deploy-1");
        Assert.Equal("true", Assert.Single(second.Headers.GetValues(ApiRoutes.IdempotentReplayed)));
        PurgeReply again = await ApiClient.Ok(second, Contracts.ContractsJson.Default.PurgeReply);
        Assert.Equal((first.Id, first.When), (again.Id, again.When));
        Assert.Equal(1, (await _silo.Admin.StatusAsync()).Cursor.Sequence);

        // Another key, another token's same key, and no key are purges of their own.
        await _silo.Admin.PurgedAsync(Red, "deploy-2");
        await _silo.Client(_silo.Data.Purge).PurgedAsync(Red, "deploy-1");
        await _silo.Admin.PurgedAsync(Red);
        Assert.Equal(4, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task A_key_with_another_body_is_refused()
    {
        await _silo.Admin.PurgedAsync(Red, "k");
        PurgeRequest[] others =
        [
            Red with { Values = ["red", "blue"] }, Red with { Soft = true }, Red with { Site = "blog" }, new() { Site = "www", Kind = PurgeKind.Site },
        ];
        foreach (PurgeRequest other in others)
        {
            ApiProblem problem = await ApiClient.Problem(await _silo.Admin.PurgeAsync(other, "k"), 422);
            Assert.Contains("another purge", problem.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task What_is_no_key_is_refused_before_anything_is_purged()
    {
        foreach (string key in new[] { "", "a b", new string('x', ApiRoutes.MaxIdempotencyKeyLength + 1) })
        {
            await ApiClient.Problem(await _silo.Admin.PurgeAsync(Red, key), 422);
        }

        await _silo.Admin.PurgedAsync(Red, new string('x', ApiRoutes.MaxIdempotencyKeyLength));
        Assert.Equal(1, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task Of_many_at_the_same_time_one_is_appended()
    {
        PurgeReply[] replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => _silo.Admin.PurgedAsync(Red, $"k{i % 2}")));
        Assert.Equal(2, replies.Select(reply => reply.Id).Distinct().Count());
        Assert.Equal(2, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_day()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync(time: _time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        PurgeReply first = await silo.Admin.PurgedAsync(Red, "k");
        _time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(first.Id, (await silo.Admin.PurgedAsync(Red, "k")).Id);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first.Id, (await silo.Admin.PurgedAsync(Red, "k")).Id);
    }

    [Fact]
    public async Task Keys_hold_after_kill_9()
    {
        var data = new TestData();
        SiloProcess silo = await SiloProcess.StartAsync(data);
        var client = new ApiClient(silo.Api, data.Admin);
        await client.AppliedAsync(TestData.Yaml);
        PurgeReply first = await client.PurgedAsync(Red, "k0");
        // More than a segment, so that the key is not in the newest one.
        await client.PurgedAsync(Red with { Values = [.. Enumerable.Range(0, 3000).Select(i => $"t{i}")] }, "k1");
        await silo.KillAsync();

        await using SiloProcess again = await SiloProcess.StartAsync(data, silo.Api, silo.Feed);
        Assert.Equal(first.Id, (await client.PurgedAsync(Red, "k0")).Id);
        await ApiClient.Problem(await client.PurgeAsync(Red with { Soft = true }, "k0"), 422);
        Assert.Equal(3001, (await client.StatusAsync()).Cursor.Sequence);
    }
}
