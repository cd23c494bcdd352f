using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

/// <summary>Who may not purge does not, however it is asked; what is purged is the site's that was named, in the name of the token.</summary>
public sealed class PurgeAbuseTests : IAsyncLifetime
{
    /// <summary>A silo says to anybody that it lives and what its API is.</summary>
    private static readonly string[] Open = [ApiRoutes.Health, ApiRoutes.OpenApi];

    private RunningSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await RunningSilo.StartAsync();
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Every_route_is_closed_to_those_without_a_token()
    {
        using JsonDocument api = JsonDocument.Parse(await (await _silo.Client(null).GetAsync(ApiRoutes.OpenApi)).Content.ReadAsStringAsync());
        int closed = 0;
        foreach (JsonProperty route in api.RootElement.GetProperty("paths").EnumerateObject().Where(route => !Open.Contains(route.Name)))
        {
            foreach (JsonProperty method in route.Value.EnumerateObject())
            {
                string path = System.Text.RegularExpressions.Regex.Replace(route.Name, "{[^}]*}", "1");
                HttpResponseMessage answer = await _silo.Client(null).SendAsync(new HttpMethod(method.Name.ToUpperInvariant()), path);
                Assert.True((int)answer.StatusCode is 401 or 429, $"{method.Name} {route.Name}: {(int)answer.StatusCode}");
                closed++;
            }
        }

        Assert.True(closed >= 8, $"only {closed} routes");
        Assert.Equal(0, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task What_is_nearly_a_token_is_none()
    {
        string token = _silo.Data.Admin;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        string[] credentials =
        [
            token, "Basic " + token, "Bearer", "Bearer ", "Bearer\t" + token, "Bearer " + token[..^1], "Bearer " + token + "x", "Bearer " + token.ToUpperInvariant(),
            "Bearer " + token[4..], "Bearer " + hash, "Bearer " + token + ", Bearer " + token, "Bearer " + token + "," + token,
            "Bearer \"" + token + "\"", "Bearer ops", "Bearer cdn_", "Bearer *", "Bearer null",
        ];
        using var http = new HttpClient();
        foreach (string credential in credentials)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_silo.Api, ApiRoutes.Status));
            request.Headers.TryAddWithoutValidation("Authorization", credential);
            HttpResponseMessage answer = await http.SendAsync(request);
            Assert.True((int)answer.StatusCode is 401 or 429, $"'{credential}': {(int)answer.StatusCode}");
        }

        // Nor does it stand anywhere else.
        foreach (string query in new[] { "?token=", "?access_token=", "?Authorization=Bearer%20" })
        {
            Assert.False((await http.GetAsync(new Uri(_silo.Api, ApiRoutes.Status + query + token))).IsSuccessStatusCode);
        }

        await _silo.Admin.StatusAsync();
    }

    [Fact]
    public async Task A_purge_is_in_the_name_of_its_token_and_of_its_site()
    {
        ApiClient deploy = _silo.Client(_silo.Data.Purge);
        var body = new StringContent("""{"site":"www","kind":"Tag","values":["red"],"who":"ops"}""", Encoding.UTF8, "application/json");
        HttpResponseMessage forged = await deploy.SendAsync(HttpMethod.Post, ApiRoutes.Purges, body);
        if (forged.IsSuccessStatusCode)
        {
            Assert.Contains("\"deploy\"", await forged.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("deploy", (await deploy.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = ["blog/red"] })).Who);
        foreach (string site in new[] { "", "*", "WWW", "www ", "www\0", "../blog", "www,blog" })
        {
            await ApiClient.Problem(await deploy.PurgeAsync(new PurgeRequest { Site = site, Kind = PurgeKind.Site }), 422);
        }
    }

    [Fact]
    public async Task A_purge_larger_than_its_limits_is_refused_and_nothing_of_it_is_done()
    {
        long before = (await _silo.Admin.StatusAsync()).Cursor.Sequence;
        var many = new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = [.. Enumerable.Range(0, ApiRoutes.MaxPurgeValues + 1).Select(i => $"t{i}")] };
        await ApiClient.Problem(await _silo.Admin.PurgeAsync(many), 422);

        // One that is wrong takes the right ones with it.
        var mixed = new PurgeRequest { Site = "www", Kind = PurgeKind.Url, Values = ["http://www.example.net/a", "http://blog.example.net/a"] };
        await ApiClient.Problem(await _silo.Admin.PurgeAsync(mixed), 422);
        Assert.Equal(before, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }
}
