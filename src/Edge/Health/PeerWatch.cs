using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Health;

/// <summary>
/// Asks the other edges of the config every second whether they answer (<see cref="PeerAlive"/>), one question to each at a time. What comes of
/// it goes to the silos with the heartbeats: it is the evidence that an edge which no silo hears is not merely out of their sight.
/// </summary>
internal sealed partial class PeerWatch(EdgeState state, HttpMessageInvoker peers, Func<string?> ownPeerUrl, TimeProvider time, ILogger<PeerWatch> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Around the world and back three times: a connection that is made first, and the question.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private ImmutableArray<PeerTarget> _targets = [];
    private volatile EdgeReach? _reach;

    private sealed class Watched
    {
        public PeerSight Sight { get; set; }

        public bool IsAsked { get; set; }
    }

    /// <summary>Null: nobody was asked yet.</summary>
    public EdgeReach? Reach => _reach;

    /// <summary>An edge is silent now, or answers; raised where that was found out, so that handlers are short.</summary>
    public event Action? Changed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            Ask(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private void Ask(CancellationToken stop)
    {
        if (state.Snapshot?.Config is not { } config)
        {
            return;
        }

        bool hasTls = ownPeerUrl()?.StartsWith(Uri.UriSchemeHttps + ":", StringComparison.Ordinal) == true;
        List<(PeerTarget Target, Watched Watched)> due = [];
        lock (_lock)
        {
            _targets = PeerTargets.Of(config, state.Pop, state.Edge, state.Peers, _targets, hasTls);
            _watched.KeepOnly(_targets.Select(target => target.Name));

            foreach (PeerTarget target in _targets)
            {
                if (!_watched.TryGetValue(target.Name, out Watched? watched))
                {
                    _watched.Add(target.Name, watched = new Watched());
                }

                if (!watched.IsAsked)
                {
                    watched.IsAsked = true;
                    due.Add((target, watched));
                }
            }

            Tell_NeedsLock();
        }

        foreach ((PeerTarget target, Watched watched) in due)
        {
            _ = AskAsync(target, watched, stop);
        }
    }

    /// <summary>Does not throw.</summary>
    private async Task AskAsync(PeerTarget target, Watched watched, CancellationToken stop)
    {
        bool answers = await AnswersAsync(target.Url, stop).ConfigureAwait(false);
        if (stop.IsCancellationRequested)
        {
            return;
        }

        PeerSight before, after;
        lock (_lock)
        {
            before = watched.Sight;
            after = watched.Sight = before.Step(answers);
            watched.IsAsked = false;
            Tell_NeedsLock();
        }

        if (after.IsSilent != before.IsSilent)
        {
            if (after.IsSilent)
            {
                LogSilent(target.Name, target.Url);
            }
            else
            {
                LogAnswers(target.Name, target.Url);
            }
        }

        if ((after.IsSilent, after.HasAnswered) != (before.IsSilent, before.HasAnswered))
        {
            Changed?.Invoke();
        }
    }

    private async Task<bool> AnswersAsync(Uri url, CancellationToken stop)
    {
        using CancellationTokenSource patience = new(Patience, time);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        try
        {
            using HttpRequestMessage question = new(HttpMethod.Get, new Uri(url, PeerAlive.Path))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            question.Headers.TryAddWithoutValidation(PeerHeaders.From, $"{state.Pop}/{state.Edge}");
            using HttpResponseMessage answer = await peers.SendAsync(question, over.Token).ConfigureAwait(false);
            return PeerAlive.IsAnswer(answer.StatusCode);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Whatever it is: a name that is none, a certificate that is not trusted. It is asked again in a second.
            return false;
        }
    }

    private void Tell_NeedsLock() => _reach = new EdgeReach
    {
        Answering = [.. Names_NeedsLock(isSilent: false)],
        Silent = [.. Names_NeedsLock(isSilent: true)],
    };

    private IEnumerable<string> Names_NeedsLock(bool isSilent) => _targets
        .Where(target => _watched.TryGetValue(target.Name, out Watched? watched) && watched.Sight.HasAnswered && watched.Sight.IsSilent == isSilent)
        .Select(target => target.Name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "edge {Edge} does not answer at {Url}")]
    private partial void LogSilent(string edge, Uri url);

    [LoggerMessage(Level = LogLevel.Information, Message = "edge {Edge} answers again at {Url}")]
    private partial void LogAnswers(string edge, Uri url);
}
