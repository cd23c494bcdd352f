using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Tests;

/// <summary>What a token's row narrows holds, and a refusal says what the token may do.</summary>
public sealed class PurgeGrantTests
{
    private static readonly PurgeRequest Red = new() { Site = "www", Kind = PurgeKind.Tag, Values = ["red"] };

    [Fact]
    public async Task A_token_of_a_site_purges_and_sees_that_site_only()
    {
        var data = new TestData();
        string token = data.Add("shop", row => row with { Sites = ["www"], Scopes = ["purge", "read"] });
        await using RunningSilo silo = await RunningSilo.StartAsync(data);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        ApiClient shop = silo.Client(token);
        PurgeReply own = await shop.PurgedAsync(Red);
        await shop.FindPurgeAsync(own.Id);

        foreach (string site in new[] { "blog", "none", "" })
        {
            ApiProblem refused = await ApiClient.Problem(await shop.PurgeAsync(Red with { Site = site }), 403);
            Assert.Contains("'www' by every kind", refused.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain("blog", refused.Detail, StringComparison.Ordinal);
        }

        PurgeReply others = await silo.Admin.PurgedAsync(Red with { Site = "blog" });
        await ApiClient.Problem(await shop.GetAsync(ApiRoutes.Purge.Replace("{id}", others.Id, StringComparison.Ordinal)), 404);
    }

    [Theory]
    [InlineData("blog")]
    [InlineData("none")]
    public async Task A_token_of_a_site_prewarms_no_other_and_is_told_of_none(string site)
    {
        var data = new TestData();
        string token = data.Add("warm", row => row with { Sites = ["www"], Scopes = ["prewarm"] });
        await using RunningSilo silo = await RunningSilo.StartAsync(data);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        var body = new StringContent($$"""{"site":"{{site}}","urls":["https://blog.example.net/"]}""", null, "application/json");
        ApiProblem refused = await ApiClient.Problem(await silo.Client(token).SendAsync(HttpMethod.Post, ApiRoutes.Prewarms, body), 403);
        Assert.DoesNotContain("blog", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_a_site_asks_about_the_tags_and_the_popularity_of_no_other_and_tries_no_purge_there()
    {
        var data = new TestData();
        string token = data.Add("shop", row => row with { Sites = ["www"], Scopes = ["purge", "read"] });
        await using RunningSilo silo = await RunningSilo.StartAsync(data);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        ApiClient shop = silo.Client(token);
        foreach (string route in new[] { ApiRoutes.Tags, ApiRoutes.Top })
        {
            using HttpResponseMessage own = await shop.GetAsync(route.Replace("{site}", "www", StringComparison.Ordinal));
            Assert.Equal(200, (int)own.StatusCode);
            foreach (string site in new[] { "blog", "none" })
            {
                ApiProblem refused = await ApiClient.Problem(await shop.GetAsync(route.Replace("{site}", site, StringComparison.Ordinal)), 403);
                Assert.DoesNotContain("blog", refused.Detail, StringComparison.Ordinal);
            }
        }

        await ApiClient.Problem(await shop.PurgeAsync(Red with { Site = "blog", DryRun = true }), 403);
    }

    [Fact]
    public async Task A_token_of_kinds_purges_by_those_only()
    {
        var data = new TestData();
        string token = data.Add("cms", row => row with { Kinds = ["tag", "url"] });
        await using RunningSilo silo = await RunningSilo.StartAsync(data);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        ApiClient cms = silo.Client(token);
        await cms.PurgedAsync(Red);
        await cms.PurgedAsync(Red with { Kind = PurgeKind.Url, Values = ["https://www.example.net/"] });
        PurgeRequest[] others =
        [
            new() { Site = "www", Kind = PurgeKind.Site }, Red with { Kind = PurgeKind.Host, Values = ["www.example.net"] },
            Red with { Kind = PurgeKind.Prefix, Values = ["www.example.net/"] },
        ];
        foreach (PurgeRequest other in others)
        {
            Assert.Contains("every site by tag, url", (await ApiClient.Problem(await cms.PurgeAsync(other), 403)).Detail, StringComparison.Ordinal);
        }

        Assert.Equal(3, (await silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task A_token_with_a_rate_is_told_when_to_come_back_and_nobody_else_pays()
    {
        var data = new TestData();
        string token = data.Add("slow", row => row with { Rate = 3 });
        await using RunningSilo silo = await RunningSilo.StartAsync(data);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        ApiClient slow = silo.Client(token);

        // Values count, not requests; what is wrong counts nothing.
        await ApiClient.Problem(await slow.PurgeAsync(Red with { Values = ["a b"] }), 422);
        await slow.PurgedAsync(Red with { Values = ["a", "b", "c"] });
        HttpResponseMessage tooFast = await slow.PurgeAsync(Red with { Values = ["a", "b", "c"] });
        ApiProblem problem = await ApiClient.Problem(tooFast, 429);
        Assert.Contains("3 values a minute", problem.Detail, StringComparison.Ordinal);
        Assert.InRange(tooFast.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Contains("split", (await ApiClient.Problem(await slow.PurgeAsync(Red with { Values = ["a", "b", "c", "d"] }), 403)).Detail, StringComparison.Ordinal);
        await silo.Client(data.Purge).PurgedAsync(Red);
        Assert.Equal(4, (await silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Theory]
    [InlineData("""["purge"]""", """ "sites":[] """)]
    [InlineData("""["purge"]""", """ "sites":[null] """)]
    [InlineData("""["purge"]""", """ "sites":"www" """)]
    [InlineData("""["purge"]""", """ "kinds":[] """)]
    [InlineData("""["purge"]""", """ "kinds":["Tags"] """)]
    [InlineData("""["purge"]""", """ "kinds":[null] """)]
    [InlineData("""["purge"]""", """ "rate":0 """)]
    [InlineData("""["purge"]""", """ "rate":-1 """)]
    [InlineData("""["purge"]""", """ "rate":99999999999 """)]
    [InlineData("""["read"]""", """ "rate":5 """)]
    [InlineData("""["admin","purge"]""", """ "sites":["www"] """)]
    public void A_row_that_says_nothing_sensible_is_refused(string scopes, string more)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, $$"""[{"name":"a","sha256":"{{new string('0', 64)}}","scopes":{{scopes}},{{more}}}]""");
        (TokenStore? store, ImmutableArray<string> errors) = TokenFile.Read(file);
        Assert.Null(store);
        Assert.NotEmpty(errors.AsEnumerable());
    }
}
