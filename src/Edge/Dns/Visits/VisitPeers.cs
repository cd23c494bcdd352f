using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Limits;

namespace OrleansCdn.Edge.Dns.Visits;

/// <summary>What was found out about an id.</summary>
/// <param name="Outcome">All but <see cref="VisitOutcome.NotNumbered"/>.</param>
/// <param name="Visit">With <see cref="VisitOutcome.Found"/>.</param>
/// <param name="Silent">Edges that did not answer: one of them may know.</param>
internal readonly record struct VisitSearch(VisitOutcome Outcome, VisitReply? Visit = null, int Silent = 0);

/// <summary>
/// Asks the other edges for an id that this one has not given out: a resolver takes whichever nameserver it likes, and the visitor comes to
/// the PoP that the answer named. All at once, the first that knows ends it.
/// </summary>
internal sealed class VisitPeers(EdgeState state, HttpMessageInvoker peers, TimeProvider time)
{
    /// <summary>Path on the listener for other edges; the id follows, as eight hexadecimal digits.</summary>
    public const string Path = "/.well-known/cdn/visit/";

    /// <summary>Around the world and back three times: a connection that is made first, and the question.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Edges that are asked: of twenty PoPs three each.</summary>
    private const int MaxAsked = 64;

    /// <summary>A visit is below 1 KiB: a name of 253 characters, a rule's name, two addresses.</summary>
    private const int MaxAnswerBytes = 8 * 1024;

    /// <summary>
    /// Ids that are asked for elsewhere in a second. Who guesses finds one of 2³² at a time: of all that an edge remembers, one every twenty
    /// minutes at this rate.
    /// </summary>
    public const int PerSecond = 50;

    private readonly Lock _lock = new();
    private RateState _asked;

    public async Task<VisitSearch> FindAsync(uint id, CancellationToken cancellationToken)
    {
        ImmutableArray<PeerEdge> others = [.. state.Peers.All.Where(peer => peer.Pop != state.Pop || peer.Edge != state.Edge).Take(MaxAsked)];
        if (others.IsEmpty)
        {
            return new VisitSearch(VisitOutcome.Unknown);
        }

        if (!TryTake())
        {
            return new VisitSearch(VisitOutcome.Busy);
        }

        using CancellationTokenSource patience = new(Patience, time);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        List<Task<VisitSearch?>> asking = [.. others.Select(peer => AskAsync(peer, id, over.Token))];
        bool isTooOld = false;
        int silent = 0;
        while (asking.Count > 0)
        {
            Task<VisitSearch?> answered = await Task.WhenAny(asking);
            asking.Remove(answered);
            VisitSearch? answer = await answered;
            if (answer is { Outcome: VisitOutcome.Found })
            {
                await over.CancelAsync();
                await Task.WhenAll(asking);
                return answer.Value;
            }

            isTooOld |= answer is { Outcome: VisitOutcome.TooOld };
            silent += answer is null ? 1 : 0;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return new VisitSearch(isTooOld ? VisitOutcome.TooOld : VisitOutcome.Unknown, Silent: silent);
    }

    private bool TryTake()
    {
        lock (_lock)
        {
            _asked = _asked.Take(time.MonotonicSeconds(), PerSecond, PerSecond, out double wait);
            return wait == 0;
        }
    }

    /// <summary>Null: that is no answer to the question.</summary>
    private static VisitOutcome? OutcomeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.OK => VisitOutcome.Found,
        HttpStatusCode.Gone => VisitOutcome.TooOld,
        HttpStatusCode.NotFound => VisitOutcome.Unknown,
        _ => null,
    };

    /// <summary>Null: it has not answered. Does not throw.</summary>
    private async Task<VisitSearch?> AskAsync(PeerEdge peer, uint id, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage question = new(HttpMethod.Get, new Uri(new Uri(peer.PeerUrl), Path + id.ToString("x8", CultureInfo.InvariantCulture)))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            question.Headers.TryAddWithoutValidation(PeerHeaders.From, $"{state.Pop}/{state.Edge}");
            using HttpResponseMessage answer = await peers.SendAsync(question, cancellationToken);
            if (OutcomeOf(answer.StatusCode) is not { } outcome)
            {
                return null; // of older software, for one
            }

            if (outcome != VisitOutcome.Found)
            {
                return new VisitSearch(outcome);
            }

            await using Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            byte[] text = new byte[MaxAnswerBytes];
            int read = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken);
            VisitReply? visit = read == text.Length ? null : JsonSerializer.Deserialize(text.AsSpan(0, read), VisitJson.Default.VisitReply);
            return visit is null ? null : new VisitSearch(VisitOutcome.Found, visit);
        }
        catch (Exception error) when (TransportFailure.Is(error) || error is OperationCanceledException or JsonException or UriFormatException)
        {
            return null;
        }
    }
}
