using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Tests.Control;

/// <summary>A feed client with everything that it works on, started against the given silos.</summary>
internal sealed class FeedBench : IAsyncDisposable
{
    private readonly TempDirectory? _ownData;
    private readonly LinkIdentity _identity;
    private readonly HttpMessageInvoker _http;
    private readonly FeedClient _client;

    public FeedBench(TimeProvider time, TempDirectory? data, params Uri[] silos)
    {
        _ownData = data is null ? new TempDirectory() : null;
        Store = ControlStore.Open((data ?? _ownData!).Path, "waw", "waw1", Log);
        EdgeSnapshot? snapshot = Store.LoadSnapshot();
        Eligibility eligibility = Store.LoadEligibility();
        PurgeCursor cursor = Store.LoadCursor();
        State = new EdgeState("waw", "waw1", new PurgeIndex());
        State.Purges.Resume(cursor);
        State.Replace(eligibility);
        if (snapshot is not null)
        {
            State.Replace(snapshot);
        }

        Board = new FeedStatusBoard(new FeedStatus(FeedState.Connecting, null, time.GetUtcNow(), null));
        _identity = LinkIdentity.Load(null, time, Log);
        _http = LinkHttp.ToSilos(_identity);
        _client = new FeedClient([.. silos], _http, State, Metrics, new ControlJournal(Store, snapshot, cursor, eligibility, Log), Board, "1.0", time, new Random(1), Log);
    }

    public ListLogger Log { get; } = new();

    public ControlStore Store { get; }

    public EdgeState State { get; }

    public EdgeMetrics Metrics { get; } = new();

    public FeedStatusBoard Board { get; }

    public FeedClient Client => _client;

    public async Task<FeedBench> StartAsync()
    {
        _client.Announce(new EdgeAddresses { Http = "127.0.0.1:80" });
        await _client.StartAsync(CancellationToken.None);
        return this;
    }

    /// <summary>Waits for the end of a connection or an attempt with this reason.</summary>
    public Task UntilEndedAsync(FeedEndReason reason) =>
        Eventually.IsTrueAsync(() => Board.Current.LastEnd?.Reason == reason, () => $"{Board.Current}\n{Log.All}");

    public async ValueTask DisposeAsync()
    {
        await _client.StopAsync(CancellationToken.None);
        _client.Dispose();
        _http.Dispose();
        _identity.Dispose();
        Store.Dispose();
        _ownData?.Dispose();
    }
}
