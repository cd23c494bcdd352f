using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Tests.Control;

/// <summary>The silo's end of the feed over real HTTP/2, where the test says every word.</summary>
internal sealed class ScriptedSilo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentBag<Conversation> _all = [];
    private readonly Channel<Conversation> _accepted = Channel.CreateUnbounded<Conversation>();

    private ScriptedSilo(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>Answers leases; 404 until it is set.</summary>
    public Func<HttpContext, Task>? Leases { get; set; }

    public static async Task<ScriptedSilo> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
            server.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        ScriptedSilo silo = new(builder.Build());
        silo._app.Run(silo.HandleAsync);
        await silo._app.StartAsync();
        silo.Url = new Uri(silo._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return silo;
    }

    /// <summary>The next feed connection of an edge.</summary>
    public async Task<Conversation> AcceptAsync()
    {
        using CancellationTokenSource limit = new(Eventually.GiveUp);
        return await _accepted.Reader.ReadAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Conversation conversation in _all)
        {
            conversation.Abort();
        }

        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path == FeedProtocol.EdgePath)
        {
            Conversation conversation = new(context);
            _all.Add(conversation);
            _accepted.Writer.TryWrite(conversation);
            await conversation.Ended.Task;
            await conversation.DisposeAsync();
        }
        else if (Leases is { } leases)
        {
            await leases(context);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    /// <summary>One feed connection.</summary>
    internal sealed class Conversation(HttpContext context) : IAsyncDisposable
    {
        private readonly LineReader _lines = new(context.Request.Body, FeedProtocol.MaxEdgeLineBytes);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Gone { get; } = context.RequestAborted;

        /// <summary>The next message of the edge; null at the end of what it sends.</summary>
        public async Task<EdgeMessage?> ReadAsync()
        {
            using CancellationTokenSource limit = new(Eventually.GiveUp);
            return await _lines.ReadAsync(limit.Token) == LineRead.Line
                ? JsonSerializer.Deserialize(_lines.Line.ToArray(), ContractsJson.Default.EdgeMessage)
                : null;
        }

        public ValueTask DisposeAsync() => _lines.DisposeAsync();

        /// <summary>Skips what is of another type.</summary>
        public async Task<T> ReadAsync<T>(Func<T, bool>? wanted = null)
            where T : EdgeMessage
        {
            while (true)
            {
                EdgeMessage message = await ReadAsync() ?? throw new InvalidOperationException("the edge ended the connection");
                if (message is T right && wanted?.Invoke(right) != false)
                {
                    return right;
                }
            }
        }

        public Task SendAsync(SiloMessage message) =>
            SendRawAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SiloMessage), (byte)'\n']);

        public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
        {
            if (!context.Response.HasStarted)
            {
                context.Response.ContentType = FeedProtocol.ContentType;
            }

            try
            {
                await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // The edge has read enough of it to hang up.
            }
        }

        public Task WelcomeAsync() => SendAsync(new SiloWelcome { Protocol = FeedProtocol.Version, Silo = "test" });

        public void Answer(int status)
        {
            context.Response.StatusCode = status;
            Ended.TrySetResult();
        }

        public void Close() => Ended.TrySetResult();

        public void Abort()
        {
            if (!Ended.Task.IsCompleted)
            {
                context.Abort();
                Ended.TrySetResult();
            }
        }

        /// <summary>Completes when the edge has given the connection up.</summary>
        public async Task UntilGoneAsync()
        {
            TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = Gone.Register(gone.SetResult);
            await gone.Task.WaitAsync(Eventually.GiveUp);
            Ended.TrySetResult();
        }
    }
}
