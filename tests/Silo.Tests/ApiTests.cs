using System.Net.Http.Headers;
using System.Text;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

public sealed class ApiTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await RunningSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Tokens_open_what_their_scopes_say()
    {
        HttpResponseMessage none = await _silo.Client(null).GetAsync(ApiRoutes.Status);
        await ApiClient.Problem(none, 401);
        Assert.Contains(none.Headers.WwwAuthenticate, h => h.Scheme == "Bearer");
        await ApiClient.Problem(await _silo.Client("cdn_wrong").GetAsync(ApiRoutes.Status), 401);
        await ApiClient.Problem(await _silo.Client(new string('x', 5000)).GetAsync(ApiRoutes.Status), 401);

        await _silo.Admin.AppliedAsync(TestData.Yaml);
        var purge = new PurgeRequest { Site = "www", Kind = PurgeKind.Site };
        ApiProblem forbidden = await ApiClient.Problem(await _silo.Client(_silo.Data.Read).PurgeAsync(purge), 403);
        Assert.Contains("purge", forbidden.Detail, StringComparison.Ordinal);
        await ApiClient.Problem(await _silo.Client(_silo.Data.Purge).GetAsync(ApiRoutes.Config), 403);
        await ApiClient.Problem(await _silo.Client(_silo.Data.Purge).ApplyAsync(TestData.Yaml), 403);
        Assert.Equal("deploy", (await _silo.Client(_silo.Data.Purge).PurgedAsync(purge)).Who);
        await _silo.Client(_silo.Data.Read).StatusAsync();
        Assert.True((await _silo.Client(null).GetAsync(ApiRoutes.Health)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Many_refused_tokens_are_slowed_down_and_a_valid_one_is_not()
    {
        // A slow machine may not get enough of them into one window, so there are several attempts.
        int limited = 0;
        for (int attempt = 0; attempt < 20 && limited == 0; attempt++)
        {
            HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => _silo.Client("cdn_guess").GetAsync(ApiRoutes.Status)));
            limited = answers.Count(answer => (int)answer.StatusCode == 429);
        }

        Assert.True(limited > 0);
        await _silo.Admin.StatusAsync();
    }

    [Fact]
    public async Task Every_error_is_a_problem_that_says_what_to_do()
    {
        ApiClient admin = _silo.Admin;
        await ApiClient.Problem(await admin.GetAsync("/v1/nothing"), 404);
        await ApiClient.Problem(await admin.GetAsync(ApiRoutes.Config), 404);
        await ApiClient.Problem(await admin.SendAsync(HttpMethod.Delete, ApiRoutes.Config), 405);
        await ApiClient.Problem(await admin.SendAsync(HttpMethod.Put, ApiRoutes.Config, new StringContent("{}", Encoding.UTF8, "application/json")), 415);
        await ApiClient.Problem(await admin.SendAsync(HttpMethod.Post, ApiRoutes.Purges, new StringContent("a", Encoding.UTF8, "text/plain")), 415);
        await ApiClient.Problem(await TooLargeAsync(admin), 413);
        foreach (string malformed in new[] { "", "{", "[]", "null", "{\"kind\":\"Tag\"}", "{\"site\":null,\"kind\":\"Tag\"}", "{\"site\":\"www\",\"kind\":\"Nonsense\"}" })
        {
            await ApiClient.Problem(await admin.SendAsync(HttpMethod.Post, ApiRoutes.Purges, new StringContent(malformed, Encoding.UTF8, "application/json")), 400);
        }

        var notUtf8 = new ByteArrayContent([0xff, 0xfe, 0x00]);
        notUtf8.Headers.ContentType = new MediaTypeHeaderValue("application/yaml");
        await ApiClient.Problem(await admin.SendAsync(HttpMethod.Put, ApiRoutes.Config, notUtf8), 400);
        await ApiClient.Problem(await admin.ApplyAsync(TestData.Yaml, "?expectedVersion=x"), 400);
        await ApiClient.Problem(await admin.GetAsync(ApiRoutes.Purges + "/nonsense"), 404);
        await ApiClient.Problem(await admin.PurgeAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Site }), 409);
    }

    /// <summary>The refusal comes before the body has been sent, and on a busy machine the connection may be closed before the client has read it.</summary>
    private static async Task<HttpResponseMessage> TooLargeAsync(ApiClient client)
    {
        const int Tries = 20;
        for (int i = 1; ; i++)
        {
            try
            {
                return await client.ApplyAsync(new string('x', ApiRoutes.MaxConfigBytes + 1));
            }
            catch (Exception error) when (i < Tries && TransportFailure.Is(error))
            {
                // Once more.
            }
        }
    }

    [Fact]
    public async Task The_OpenApi_document_names_every_route()
    {
        string document = await (await _silo.Client(null).GetAsync(ApiRoutes.OpenApi)).Content.ReadAsStringAsync();
        foreach (string route in new[] { ApiRoutes.Status, ApiRoutes.Config, ApiRoutes.ConfigHistory, ApiRoutes.ConfigVersion, ApiRoutes.ConfigRollback, ApiRoutes.Purges, ApiRoutes.Purge, ApiRoutes.Health })
        {
            Assert.Contains($"\"{route}\"", document, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_config_goes_through_dry_run_apply_conflict_history_and_rollback()
    {
        ApiClient admin = _silo.Admin;
        ConfigApplyReply dry = await admin.AppliedAsync(TestData.Yaml, "?dryRun=true");
        Assert.True(dry is { DryRun: true, Version: 0 } && dry.Changes.Length > 0);
        Assert.Equal(0, (await admin.StatusAsync()).ConfigVersion);

        Assert.Equal(1, (await admin.AppliedAsync(TestData.Yaml, "?expectedVersion=0&why=first")).Version);
        string second = TestData.Yaml.Replace("Warsaw", "Warszawa", StringComparison.Ordinal);
        ConfigApplyReply applied = await admin.AppliedAsync(second, "?expectedVersion=1");
        Assert.Equal(2, applied.Version);
        ConfigChange change = Assert.Single(applied.Changes);
        Assert.Equal(("Warsaw", "Warszawa"), (change.Before, change.After));
        Assert.Equal(2, (await admin.AppliedAsync(second)).Version);

        ApiProblem conflict = await ApiClient.Problem(await admin.ApplyAsync(TestData.Yaml, "?expectedVersion=1"), 409);
        Assert.Contains("2", conflict.Detail, StringComparison.Ordinal);
        Assert.Equal(second, (await admin.ConfigAsync()).Yaml);

        HttpResponseMessage back = await admin.SendAsync(HttpMethod.Post, ApiRoutes.ConfigRollback, new StringContent("""{"version":1,"why":"oops"}""", Encoding.UTF8, "application/json"));
        Assert.Equal(3, (await ApiClient.Ok(back, ContractsJson.Default.ConfigApplyReply)).Version);
        ConfigVersionReply now = await admin.ConfigAsync();
        Assert.Equal((TestData.Yaml, 3L, 1L), (now.Yaml, now.Info.Version, now.Info.RolledBackTo!.Value));
        await ApiClient.Problem(
            await admin.SendAsync(HttpMethod.Post, ApiRoutes.ConfigRollback, new StringContent("""{"version":9}""", Encoding.UTF8, "application/json")), 404);

        ConfigHistoryReply history = await ApiClient.Ok(await admin.GetAsync(ApiRoutes.ConfigHistory), ContractsJson.Default.ConfigHistoryReply);
        Assert.Equal([1L, 2L, 3L], history.Versions.Select(v => v.Version));
        Assert.Equal("first", history.Versions[0].Why);
        ConfigVersionReply old = await ApiClient.Ok(await admin.GetAsync("/v1/config/versions/2"), ContractsJson.Default.ConfigVersionReply);
        Assert.Equal(second, old.Yaml);
    }

    [Fact]
    public async Task Seven_mistakes_are_seven_errors_and_nothing_changes()
    {
        await _silo.Admin.AppliedAsync(TestData.Yaml);
        string wrong = TestData.Yaml
            .Replace("name: Warsaw", "nmae: Warsaw", StringComparison.Ordinal) // an unknown key, and so a missing one
            .Replace("latitude: 52.23", "latitude: 152", StringComparison.Ordinal)
            .Replace("country: PL", "country: Poland", StringComparison.Ordinal)
            .Replace("continent: NA", "continent: XX", StringComparison.Ordinal)
            .Replace("blog.example.net,", "www.example.net,", StringComparison.Ordinal) + "\n    shield: nowhere\n    coalescing: galaxy\n";
        ApiProblem problem = await ApiClient.Problem(await _silo.Admin.ApplyAsync(wrong), 422);
        Assert.True(problem.ConfigErrors!.Value.Length >= 7, string.Join('\n', problem.ConfigErrors.Value.Select(e => $"{e.Line}:{e.Column} {e.Path} {e.Message}")));
        Assert.All(problem.ConfigErrors.Value, error => Assert.True(error.Line > 0));
        Assert.Equal(1, (await _silo.Admin.StatusAsync()).ConfigVersion);
    }
}
