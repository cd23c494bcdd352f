using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Health;
using OrleansCdn.Edge.Tests.Http;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Health;

public sealed class PeerWatchTests
{
    private static readonly CdnConfig Config = TwoPops();

    /// <summary>waw1, waw2 whose address for others is none, and lax1.</summary>
    private static CdnConfig TwoPops()
    {
        CdnConfig config = TestEdge.Config("url: http://127.0.0.1:1, allow-private: true", "");
        EdgeConfig waw1 = config.Pops[0].Edges[0];
        return config with
        {
            Pops =
            [
                config.Pops[0] with { Edges = [waw1, waw1 with { Name = "waw2", Peer = IPEndPoint.Parse("0.0.0.0:8443") }] },
                config.Pops[1] with { Edges = [config.Pops[1].Edges[0] with { Peer = IPEndPoint.Parse("192.0.2.7:8443") }] },
            ],
        };
    }

    [Fact]
    public void Three_answers_in_a_row_change_a_mind_and_one_that_was_never_there_is_not_missed()
    {
        PeerSight sight = default;
        for (int i = 0; i < 10; i++)
        {
            sight = sight.Step(answers: false);
        }

        Assert.Equal((false, false), (sight.HasAnswered, sight.IsSilent));
        Assert.Equal("AAAAAAASSSSSSA", Steps(sight, "++--+---++-+++"));
        Assert.Equal("AAASSSS", Steps(sight, "+---++-"));
    }

    private static string Steps(PeerSight sight, string answers) => string.Concat(answers.Select(answer =>
    {
        sight = sight.Step(answer == '+');
        return sight.IsSilent ? 'S' : 'A';
    }));

    [Fact]
    public void Edges_are_asked_where_they_are_or_were_or_where_the_config_has_them()
    {
        ImmutableArray<PeerTarget> first = PeerTargets.Of(Config, "waw", "waw1", PeerTable.Empty, [], hasTls: true);
        Assert.Equal(["lax1 https://192.0.2.7:8443/"], first.Select(t => $"{t.Name} {t.Url}")); // waw2's is no address for others

        var peers = new PeerTable([new PeerEdge("waw", "waw2", "http://127.0.0.1:2"), new PeerEdge("lax", "lax1", "http://127.0.0.1:3"), new PeerEdge("waw", "waw1", "http://127.0.0.1:4")]);
        ImmutableArray<PeerTarget> connected = PeerTargets.Of(Config, "waw", "waw1", peers, first, hasTls: true);
        Assert.Equal(["waw2 http://127.0.0.1:2/", "lax1 http://127.0.0.1:3/"], connected.Select(t => $"{t.Name} {t.Url}"));
        Assert.Equal(connected.AsEnumerable(), PeerTargets.Of(Config, "waw", "waw1", PeerTable.Empty, connected, hasTls: true).AsEnumerable());
        Assert.Equal(["waw1", "waw2"], PeerTargets.Of(Config, "lax", "lax1", peers, [], hasTls: true).Select(t => t.Name));
        Assert.Single(PeerTargets.Of(Config, "waw", "waw1", new PeerTable([new PeerEdge("waw", "waw2", "not a URL")]), [], hasTls: false));
    }

    /// <summary>Of more than an edge asks, each is asked by as many.</summary>
    [Fact]
    public void A_large_network_is_shared_out()
    {
        const int Pops = 40;
        const int Edges = 10;
        var config = Config with
        {
            Pops = [.. Enumerable.Range(0, Pops).Select(p => Config.Pops[0] with
            {
                Id = $"p{p}",
                Edges = [.. Enumerable.Range(0, Edges).Select(e => Config.Pops[1].Edges[0] with { Name = $"p{p}e{e}" })],
            })],
        };
        string[] asked =
        [
            .. from pop in config.Pops from edge in pop.Edges from target in PeerTargets.Of(config, pop.Id, edge.Name, PeerTable.Empty, [], hasTls: true) select target.Name,
        ];
        Assert.All(asked.CountBy(name => name), count => Assert.Equal(EdgeReach.MaxEdges, count.Value));
        Assert.Equal(Pops * Edges, asked.Distinct().Count());
    }

    [Fact]
    public async Task Silence_is_found_told_at_once_and_ends()
    {
        await using Watching watching = await Watching.StartAsync();
        await watching.UntilAsync(reach => reach.Answering.SequenceEqual(["lax1"]));
        int told = watching.Told;
        watching.Answer = () => Task.FromException<HttpResponseMessage>(new HttpRequestException("refused"));
        await watching.UntilAsync(reach => reach.Silent.SequenceEqual(["lax1"]) && reach.Answering.IsEmpty);
        Assert.Equal(told + 1, watching.Told);

        // Older software does not know the question, and is there.
        watching.Answer = () => Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadRequest));
        await watching.UntilAsync(reach => reach.Answering.SequenceEqual(["lax1"]));
        watching.Answer = () => Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        await watching.UntilAsync(reach => reach.Silent.SequenceEqual(["lax1"]));
        Assert.All(watching.Asked, asked => Assert.Equal("https://192.0.2.7:8443" + PeerAlive.Path, asked));
    }

    /// <summary>One that hangs is given up by time, and asked one question at a time.</summary>
    [Fact]
    public async Task Whoever_takes_a_question_and_says_nothing_is_silent()
    {
        await using Watching watching = await Watching.StartAsync();
        await watching.UntilAsync(reach => reach.Answering.Length == 1);
        watching.Answer = null;
        await watching.UntilAsync(reach => reach.Silent.SequenceEqual(["lax1"]));
        Assert.Equal(1, watching.MostAtATime);
    }

    /// <summary>Over the listener for other edges; visitors' requests of the same path are the site's.</summary>
    [Fact]
    public async Task The_question_is_answered_to_edges_alone_and_is_not_counted()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        long before = edge.Metrics.Read(Counter.Requests);
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using HttpResponseMessage answer = await http.GetAsync(new Uri(new Uri(edge.PeerUrl), PeerAlive.Path));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(before, edge.Metrics.Read(Counter.Requests));
    }

    /// <summary>An edge that asks the others, over nothing, by a clock that runs when it is waited for.</summary>
    private sealed class Watching : HttpMessageHandler, IAsyncDisposable
    {
        private readonly FakeTimeProvider _time = new();
        private readonly PeerWatch _watch;
        private int _atATime;

        private Watching()
        {
            var state = new EdgeState("waw", "waw1", new PurgeIndex());
            state.Replace(new EdgeSnapshot("c", 1, Config));
            _watch = new PeerWatch(state, new HttpMessageInvoker(this, disposeHandler: false), () => "https://192.0.2.1:8443", _time, NullLogger<PeerWatch>.Instance);
            _watch.Changed += () => Told++;
        }

        /// <summary>Null: none comes.</summary>
        public Func<Task<HttpResponseMessage>>? Answer { get; set; } = () => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));

        public ConcurrentQueue<string> Asked { get; } = new();

        public int MostAtATime { get; private set; }

        public int Told { get; private set; }

        public static async Task<Watching> StartAsync()
        {
            var watching = new Watching();
            await watching._watch.StartAsync(CancellationToken.None);
            return watching;
        }

        public Task UntilAsync(Func<EdgeReach, bool> condition) => Eventually.TrueAsync(() =>
        {
            _time.Advance(PeerWatch.Interval / 4);
            return Task.FromResult(_watch.Reach is { } reach && condition(reach));
        });

        public async ValueTask DisposeAsync()
        {
            await _watch.StopAsync(CancellationToken.None);
            _watch.Dispose();
            Dispose();
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Enqueue(request.RequestUri!.AbsoluteUri);
            MostAtATime = Math.Max(MostAtATime, Interlocked.Increment(ref _atATime));
            try
            {
                return Answer is { } answer ? await answer() : await new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _atATime);
            }
        }
    }
}
