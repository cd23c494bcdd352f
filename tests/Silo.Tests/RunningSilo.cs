using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Options;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests;

/// <summary>A whole silo in this process, on free ports and a data directory of its own.</summary>
public sealed class RunningSilo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningSilo(WebApplication app, TestData data)
    {
        _app = app;
        Data = data;
        string[] addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        (Api, Feed) = (new Uri(addresses[0]), new Uri(addresses[1]));
    }

    public TestData Data { get; }

    public Uri Api { get; }

    public Uri Feed { get; }

    public static async Task<RunningSilo> StartAsync(TestData? data = null, TimeProvider? time = null, params string[] more)
    {
        data ??= new TestData();
        SiloArguments arguments = SiloArguments.Parse(
            ["--api", "127.0.0.1:0", "--feed", "127.0.0.1:0", "--data", data.Directory, "--tokens", data.TokensFile, "--name", "test", .. data.Engine, .. more]);
        Assert.Empty(arguments.Errors);
        WebApplicationBuilder builder = SiloHost.CreateBuilder(arguments);
        builder.Logging.ClearProviders();
        (SiloOptions? options, ImmutableArray<string> errors) = new SiloOptionsReader(builder.Configuration).Read();
        Assert.Empty(errors);
        WebApplication app = SiloHost.Build(builder, options!, time);
        await app.StartAsync();
        return new RunningSilo(app, data);
    }

    public ApiClient Client(string? token) => new(Api, token);

    public ApiClient Admin => new(Api, Data.Admin);

    /// <summary>What the grain of a webhook knows, whether the config has it or not.</summary>
    internal Task<WebhookStatus> WebhookAsync(string name) => _app.Services.GetRequiredService<Orleans.IGrainFactory>()
        .GetGrain<Grains.IWebhookGrain>(name)
        .ViewAsync(
            new Contracts.Config.NotificationConfig
            {
                Name = name,
                UrlFile = "/",
                MinSeverity = EventSeverity.Info,
                Format = Contracts.Config.NotificationFormat.Json,
                AllowPrivate = false,
                Timeout = TimeSpan.FromSeconds(1),
            },
            CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>A data directory with a tokens file.</summary>
public sealed class TestData
{
    public const string Yaml = """
        cluster: { name: test }
        pops:
          waw:
            name: Warsaw
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges: [ { name: waw1, http: "127.0.0.1:8001" } ]
          lax:
            name: Los Angeles
            location: { latitude: 34.05, longitude: -118.24, country: US, continent: NA }
            edges: [ { name: lax1, http: "127.0.0.1:8002" } ]
        sites:
          www:
            hosts: [www.example.net, "*.static.example.net"]
            origins: [ { url: "https://origin.example.net" } ]
          blog:
            hosts: [blog.example.net, special.static.example.net]
            origins: [ { url: "https://origin.example.net" } ]
        """;

    private readonly List<TokenRow> _rows = [];
    private readonly int _siloPort = FreePort.Next();
    private readonly int _gatewayPort = FreePort.Next();

    public TestData()
    {
        Directory = TestDirectory.New("silo-test");
        TokensFile = Path.Combine(Directory, "tokens.json");
        (Admin, TokenRow admin) = NewToken.Make("ops", ["admin"]);
        (Purge, TokenRow purge) = NewToken.Make("deploy", ["purge"]);
        (Read, TokenRow read) = NewToken.Make("look", ["read"]);
        (Route, TokenRow route) = NewToken.Make("noc", ["route"]);
        _rows.AddRange([admin, purge, read, route]);
        Write();
    }

    /// <summary>One more token; the silo has to be started after this.</summary>
    internal string Add(string name, Func<TokenRow, TokenRow> row)
    {
        (string token, TokenRow made) = NewToken.Make(name, ["purge"]);
        _rows.Add(row(made));
        Write();
        return token;
    }

    private void Write() =>
        File.WriteAllText(TokensFile, System.Text.Json.JsonSerializer.Serialize(_rows.ToArray(), TokenFileJson.Default.TokenRowArray));

    /// <summary>
    /// Ports that are the same after a restart, and rows that are those of this directory, in whatever they are stored. The embedded
    /// engine has neither.
    /// </summary>
    public string[] Engine =>
    [
        "--Orleans:ClusterId", Path.GetFileName(Directory),
        "--Orleans:ServiceId", Path.GetFileName(Directory),
        "--Orleans:Endpoints:SiloPort", $"{_siloPort}",
        "--Orleans:Endpoints:GatewayPort", $"{_gatewayPort}",
    ];

    public string Directory { get; }

    public string TokensFile { get; }

    public string Admin { get; }

    public string Purge { get; }

    public string Read { get; }

    public string Route { get; }
}

/// <summary>The API over real sockets.</summary>
public sealed class ApiClient(Uri api, string? token)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler());

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(method, new Uri(api, path)) { Content = content };
        foreach ((string name, string value) in fields)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await Http.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<HttpResponseMessage> ApplyAsync(string yaml, string query = "") =>
        SendAsync(HttpMethod.Put, ApiRoutes.Config + query, new StringContent(yaml, Encoding.UTF8, "application/yaml"));

    public async Task<ConfigApplyReply> AppliedAsync(string yaml, string query = "") => (await Ok(await ApplyAsync(yaml, query), ContractsJson.Default.ConfigApplyReply))!;

    public Task<HttpResponseMessage> PurgeAsync(PurgeRequest request) =>
        SendAsync(HttpMethod.Post, ApiRoutes.Purges, JsonContent.Create(request, ContractsJson.Default.PurgeRequest));

    public Task<HttpResponseMessage> PurgeAsync(PurgeRequest request, string key) =>
        SendAsync(HttpMethod.Post, ApiRoutes.Purges, JsonContent.Create(request, ContractsJson.Default.PurgeRequest), (ApiRoutes.IdempotencyKey, key));

    public async Task<PurgeReply> PurgedAsync(PurgeRequest request, string key) => await Ok(await PurgeAsync(request, key), ContractsJson.Default.PurgeReply);

    public async Task<PurgeReply> PurgedAsync(PurgeRequest request) => await Ok(await PurgeAsync(request), ContractsJson.Default.PurgeReply);

    public Task<HttpResponseMessage> ExplainAsync(ExplainRequest request) =>
        SendAsync(HttpMethod.Post, ApiRoutes.Explain, JsonContent.Create(request, ContractsJson.Default.ExplainRequest));

    public async Task<ExplainReply> ExplainedAsync(ExplainRequest request) => await Ok(await ExplainAsync(request), ContractsJson.Default.ExplainReply);

    public async Task<PurgeReply> FindPurgeAsync(string id) =>
        await Ok(await GetAsync(ApiRoutes.Purge.Replace("{id}", id, StringComparison.Ordinal)), ContractsJson.Default.PurgeReply);

    public async Task<StatusReply> StatusAsync() => await Ok(await GetAsync(ApiRoutes.Status), ContractsJson.Default.StatusReply);

    public async Task<ConfigVersionReply> ConfigAsync() => await Ok(await GetAsync(ApiRoutes.Config), ContractsJson.Default.ConfigVersionReply);

    /// <summary>The problem in the answer, after its form is checked.</summary>
    public static async Task<ApiProblem> Problem(HttpResponseMessage answer, int status)
    {
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        ApiProblem problem = System.Text.Json.JsonSerializer.Deserialize(text, ContractsJson.Default.ApiProblem)!;
        Assert.Equal(status, problem.Status);
        Assert.NotEmpty(problem.Detail!);
        return problem;
    }

    public static async Task<T> Ok<T>(HttpResponseMessage answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        return System.Text.Json.JsonSerializer.Deserialize(text, type)!;
    }
}
