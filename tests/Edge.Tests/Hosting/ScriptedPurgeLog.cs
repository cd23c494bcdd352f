using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Hosting;

/// <summary>A silo with nothing but a purge log: tells an edge what it lacks, then what is new, and knows what it acknowledged.</summary>
internal sealed class ScriptedPurgeLog : IAsyncDisposable
{
    public const string Epoch = "log";

    private readonly ScriptedSilo _silo;
    private readonly List<PurgeEntry> _entries = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private long _acknowledged;

    private ScriptedPurgeLog(ScriptedSilo silo)
    {
        _silo = silo;
        _accepting = AcceptAsync();
    }

    public Uri Url => _silo.Url;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public static async Task<ScriptedPurgeLog> StartAsync() => new(await ScriptedSilo.StartAsync());

    /// <summary>The entry's sequence.</summary>
    public long Purge(PurgeKind kind, string value)
    {
        lock (_entries)
        {
            _entries.Add(new PurgeEntry { Sequence = _entries.Count + 1, Site = "www", Kind = kind, Value = value, Soft = false });
            _news.Release();
            return _entries.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _news.Release();
        await _silo.DisposeAsync();
        await _accepting;
        _end.Dispose();
        _news.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                ScriptedSilo.Conversation feed = await _silo.AcceptAsync();
                await ServeAsync(feed);
            }
            catch (Exception) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException or System.Text.Json.JsonException)
            {
                // The edge was killed: the next one comes.
            }
        }
    }

    private async Task ServeAsync(ScriptedSilo.Conversation feed)
    {
        EdgeHello hello = await feed.ReadAsync<EdgeHello>();
        await feed.WelcomeAsync();
        long told = hello.Cursor.Sequence;
        if (hello.Cursor.Epoch != Epoch)
        {
            told = 0;
            await feed.SendAsync(new PurgeGap(new PurgeCursor(Epoch, 0)));
        }

        Task acks = ReadAcksAsync(feed);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, feed.Gone);
        while (!over.IsCancellationRequested)
        {
            ImmutableArray<PurgeEntry> missing;
            lock (_entries)
            {
                missing = [.. _entries.Skip((int)told).Take(FeedProtocol.MaxPurgesPerMessage)];
            }

            if (missing.IsEmpty)
            {
                await feed.SendAsync(new SiloHeartbeat());
                await _news.WaitAsync(FeedProtocol.HeartbeatInterval, over.Token);
                continue;
            }

            told = missing[^1].Sequence;
            await feed.SendAsync(new PurgeBatch { Through = new PurgeCursor(Epoch, told), Entries = missing });
        }

        feed.Close();
        await acks;
    }

    private async Task ReadAcksAsync(ScriptedSilo.Conversation feed)
    {
        try
        {
            while (await feed.ReadAsync() is { } message)
            {
                PurgeCursor cursor = message switch { EdgeAck ack => ack.Cursor, EdgeHeartbeat beat => beat.Cursor, _ => PurgeCursor.None };
                if (cursor.Epoch == Epoch && cursor.Sequence > Acknowledged)
                {
                    Interlocked.Exchange(ref _acknowledged, cursor.Sequence);
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException or System.Text.Json.JsonException)
        {
        }
    }
}
