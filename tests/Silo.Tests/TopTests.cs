using System.Net;
using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

public sealed class TopTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await RunningSilo.StartAsync();
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    private static EdgePopularity Told(string site, string url, double perMinute) => new()
    {
        Site = site, Part = 0, IsLast = true, PerMinute = perMinute, MissesPerMinute = 1, Floor = 0, Urls = [new UrlPopularity(url, perMinute, 0, 1)],
    };

    private async Task<HttpResponseMessage> AskAsync(string path, string? token)
    {
        using var client = new HttpClient { BaseAddress = _silo.Api };
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + token);
        return await client.GetAsync(path);
    }

    private async Task<PopularityView> TopAsync(string query)
    {
        using HttpResponseMessage answer = await AskAsync(ApiRoutes.Top.Replace("{site}", "www", StringComparison.Ordinal) + query, _silo.Data.Read);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.PopularityView))!;
    }

    [Fact]
    public async Task What_edges_tell_is_merged_over_PoPs_and_nobody_tells_for_another_site()
    {
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await using ScriptedEdge lax = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("lax", "lax1"));
        await waw.NextAsync<PurgeGap>();
        await lax.NextAsync<PurgeGap>();
        waw.Send(Told("none", "http://www.example.net/x", 5));
        waw.Send(Told("www", "http://www.example.net/a", 30));
        lax.Send(Told("www", "http://www.example.net/b", 10));
        PopularityView view = await TopAsync("");
        while (view.Edges < 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System); // the API takes 500 requests a second
            view = await TopAsync("");
        }

        Assert.Equal([("http://www.example.net/a", 30.0), ("http://www.example.net/b", 10.0)], view.Urls.Select(u => (u.Url, u.PerMinute)));
        Assert.Equal((40.0, 2.0, 0.75), (view.PerMinute, view.MissesPerMinute, view.Urls[0].Share));
        Assert.Equal("http://www.example.net/b", Assert.Single((await TopAsync("?pop=lax")).Urls).Url);
        Assert.Equal("http://www.example.net/a", Assert.Single((await TopAsync("?n=1")).Urls).Url);
    }

    [Theory]
    [InlineData("/v1/sites/none/top", "site 'none'")]
    [InlineData("/v1/sites/www/top?n=0", "'n' is 0")]
    [InlineData("/v1/sites/www/top?n=10001", "1 to 10000")]
    [InlineData("/v1/sites/www/top?pop=none", "PoP 'none'")]
    public async Task What_cannot_be_asked_is_said(string path, string detail)
    {
        using HttpResponseMessage answer = await AskAsync(path, _silo.Data.Read);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(detail, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.ApiProblem))!.Detail, StringComparison.Ordinal);
        using HttpResponseMessage refused = await AskAsync(path, _silo.Data.Purge);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }
}
