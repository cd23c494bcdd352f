using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Silo.Tests.Notifications;

/// <summary>One POST as it came.</summary>
/// <param name="At">In the order of arrival, from 0.</param>
internal sealed record ReceivedPost(int At, string Target, IReadOnlyDictionary<string, string> Fields, byte[] Body)
{
    public string Id => Fields["webhook-id"];

    public string Text => Encoding.UTF8.GetString(Body);

    public WebhookMessage Message => JsonSerializer.Deserialize(Body, ContractsJson.Default.WebhookMessage)!;

    /// <summary>By the Standard Webhooks specification, with this test's own code: bytes put together by hand, each signature of the list looked at.</summary>
    public bool IsSignedWith(string secret)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Convert.FromBase64String(secret["whsec_".Length..]));
        hmac.AppendData(Encoding.UTF8.GetBytes(Fields["webhook-id"] + "." + Fields["webhook-timestamp"] + "."));
        hmac.AppendData(Body);
        string expected = "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
        return Fields["webhook-signature"].Split(' ').Contains(expected);
    }
}

/// <summary>Receives webhooks on a loopback port, and answers what the test says.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedPost> _posts = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly List<ReceivedPost> _seen = [];

    private WebhookReceiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/hook?key=a%20b";

    /// <summary>204 unless the test says otherwise.</summary>
    public Func<ReceivedPost, HttpContext, Task> Answer { get; set; } = (_, context) =>
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    };

    public int Count => _posts.Count;

    public static async Task<WebhookReceiver> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        WebApplication app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.HandleAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Answers with a status and nothing else.</summary>
    public void AnswerWith(int status, params (string Name, string Value)[] fields) => Answer = (_, context) =>
    {
        context.Response.StatusCode = status;
        foreach ((string name, string value) in fields)
        {
            context.Response.Headers[name] = value;
        }

        return Task.CompletedTask;
    };

    /// <summary>The first one like this, of those that have come or are still to come.</summary>
    public async Task<ReceivedPost> TheAsync(Func<ReceivedPost, bool> wanted)
    {
        for (int next = 0; ; next++)
        {
            while (next == _seen.Count)
            {
                await _arrived.WaitAsync();
                Assert.True(_posts.TryDequeue(out ReceivedPost? post));
                _seen.Add(post);
            }

            if (wanted(_seen[next]))
            {
                return _seen[next];
            }
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private int _count;

    private async Task HandleAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Assert.Equal("POST", context.Request.Method);
        var post = new ReceivedPost(
            Interlocked.Increment(ref _count) - 1,
            context.Request.Path + context.Request.QueryString.Value,
            context.Request.Headers.ToDictionary(field => field.Key.ToLowerInvariant(), field => field.Value.ToString()),
            body.ToArray());
        _posts.Enqueue(post);
        await Answer(post, context);
        _arrived.Release();
    }
}
