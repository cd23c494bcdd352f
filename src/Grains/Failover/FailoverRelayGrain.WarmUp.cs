using Microsoft.Extensions.Logging;

namespace OrleansCdn.Grains.Failover;

/// <summary>Announcers that wait for a warm cache: who waits says so with every word, and so nothing of it has to be kept.</summary>
internal sealed partial class FailoverRelayGrain
{
    private bool _hasWarmUpFailed;

    /// <summary>Asks beside the word; one question of a server at a time. Does not throw.</summary>
    private async Task WarmUpAsync(string server, long id)
    {
        if (!_listeners.TryGetValue(server, out Listener? listener) || listener.IsWarming)
        {
            return;
        }

        listener.IsWarming = true;
        try
        {
            if (await GrainFactory.GetGrain<IWarmUpGrain>(_pop).WantAsync(id, CancellationToken.None))
            {
                listener.Warmed = id;
                listener.News.Raise();
            }

            _hasWarmUpFailed = false;
        }
        catch (Exception error)
        {
            if (!_hasWarmUpFailed)
            {
                LogWarmUpFailed(_pop, server, error);
            }

            _hasWarmUpFailed = true;
        }
        finally
        {
            listener.IsWarming = false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cache of PoP {Pop} could not be warmed for {Server}; it is tried again, and it is announced without when its time is over")]
    private partial void LogWarmUpFailed(string pop, string server, Exception error);
}
