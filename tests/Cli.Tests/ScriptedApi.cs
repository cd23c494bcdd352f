using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Tests;

/// <summary>A silo's API that answers what the test says, on a free loopback port.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    public const string Token = "secret";

    private readonly WebApplication _app;

    private ScriptedApi(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    /// <summary>Method, target and body of every request, in order.</summary>
    public ConcurrentQueue<(string Method, string Target, string Body)> Requests { get; } = new();

    /// <summary>Idempotency keys in the order of the requests; null: none.</summary>
    public ConcurrentQueue<string?> Keys { get; } = new();

    /// <summary>By method and path.</summary>
    public Dictionary<(string Method, string Path), Func<string, (int Status, string Body)>> Answers { get; } = [];

    public static async Task<ScriptedApi> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        var api = new ScriptedApi(app);
        app.Run(api.HandleAsync);
        await app.StartAsync();
        return api;
    }

    public void Answer<T>(string method, string path, T reply, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        Answers[(method, path)] = _ => (200, JsonSerializer.Serialize(reply, type));

    public void Refuse(string method, string path, int status, ApiProblem problem) =>
        Answers[(method, path)] = _ => (status, JsonSerializer.Serialize(problem, ContractsJson.Default.ApiProblem));

    public Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync([.. args, "--api", Url, "--token", Token]);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        string body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        Requests.Enqueue((context.Request.Method, context.Request.Path + context.Request.QueryString.Value, body));
        Keys.Enqueue(context.Request.Headers[ApiRoutes.IdempotencyKey]);
        if (context.Request.Headers.Authorization != "Bearer " + Token)
        {
            context.Response.StatusCode = 401;
            return;
        }

        (int status, string answer) = Answers.TryGetValue((context.Request.Method, context.Request.Path.Value!), out Func<string, (int, string)>? make)
            ? make(body)
            : (404, JsonSerializer.Serialize(new ApiProblem { Title = "not scripted: " + context.Request.Path }, ContractsJson.Default.ApiProblem));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer);
    }
}
