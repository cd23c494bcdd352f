using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Internet.Graph;

namespace OrleansCdn.Cli.LabInternet;

/// <summary>The neighbours' BGP sessions, which wait for announcers, and <see cref="InternetBook"/> over HTTP.</summary>
internal sealed class InternetServer : IAsyncDisposable
{
    /// <summary>198.18.0.0/15, which stands for no real router (RFC 2544): BGP Identifiers of the neighbours, counted from its first address.</summary>
    private const uint FirstRouterId = 0xC612_0001;

    private readonly InternetBook _book;
    private readonly TimeProvider _time;
    private readonly Dictionary<IPEndPoint, SessionListener> _listeners = [];
    private readonly List<SessionRunner> _sessions = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly WebApplication _app;
    private Task _settling = Task.CompletedTask;

    private InternetServer(CdnConfig config, ImmutableArray<NeighborPlan> plans, GraphFile graph, IPEndPoint http, TimeProvider time)
    {
        _time = time;
        _book = new InternetBook(config, plans, graph, time);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(http, options => options.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Url => _app.Urls.First();

    /// <summary>Fails when the view could not be brought up to date any more.</summary>
    public Task Settling => _settling;

    /// <exception cref="IOException">A port cannot be had.</exception>
    public static async Task<InternetServer> StartAsync(CdnConfig config, GraphFile graph, IPEndPoint http, TimeProvider time, CancellationToken cancellationToken)
    {
        ImmutableArray<NeighborPlan> plans = NeighborPlan.Of(config);
        var server = new InternetServer(config, plans, graph, http, time);
        try
        {
            server._settling = server.SettleAsync();
            for (int i = 0; i < plans.Length; i++)
            {
                server.Open(i, plans[i], config.Cluster.Asn ?? 0);
            }

            await server._app.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The announcers are told before the connections close.
        await Task.WhenAll(_sessions.Select(s => s.StopAsync(CeaseSubcode.AdministrativeShutdown, "the lab's internet ends")));
        foreach (SessionRunner session in _sessions)
        {
            await session.DisposeAsync();
        }

        foreach (SessionListener listener in _listeners.Values)
        {
            await listener.DisposeAsync();
        }

        _news.Writer.TryComplete();
        await _settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
    }

    private void Open(int index, NeighborPlan plan, uint operatorAsn)
    {
        IPEndPoint address = plan.Session.Neighbor;
        if (!_listeners.TryGetValue(address, out SessionListener? listener))
        {
            try
            {
                listener = SessionListener.Open(address, _time);
            }
            catch (SocketException e)
            {
                throw new IOException($"{plan.Name} cannot listen on {address}: {e.Message}", e);
            }

            _listeners.Add(address, listener);
        }

        var settings = new SessionSettings
        {
            LocalAsn = plan.Upstream.Asn,
            PeerAsn = operatorAsn,
            RouterId = FirstRouterId + (uint)index,
            Families = (plan.Session.Ipv4 ? AddressFamilies.Ipv4 : 0) | (plan.Session.Ipv6 ? AddressFamilies.Ipv6 : 0),
            HoldTime = plan.Session.HoldTime,
            IsPassive = true,
        };
        var hooks = new SessionHooks
        {
            Updated = (body, isFourOctet) =>
            {
                _book.Update(index, body.Span, isFourOctet);
                Tell();
            },
            StateChanged = (from, to) =>
            {
                _book.Change(index, from, to);
                Tell();
            },
        };
        var session = new SessionRunner(new TcpPeer { Remote = new IPEndPoint(plan.Source, 0), Hops = plan.Session.Hops }, settings, hooks, _time, seed: index);
        _sessions.Add(session);
        listener.Add(session);
        session.Start();
    }

    private void Tell() => _news.Writer.TryWrite(true);

    /// <summary>One after the other: what comes in meanwhile is settled next, all of it together.</summary>
    private async Task SettleAsync()
    {
        await foreach (bool _ in _news.Reader.ReadAllAsync())
        {
            _book.Settle();
        }
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != InternetReply.Path || !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, _book.Look(), LabInternetJson.Default.InternetReply, context.RequestAborted);
    }
}
