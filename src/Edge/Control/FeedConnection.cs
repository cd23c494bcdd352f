using System.Diagnostics;
using System.Net;
using System.Text.Json;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>One feed connection from its first byte to its end. Whatever the silo does, the outcome is a <see cref="FeedEnd"/>.</summary>
internal sealed partial class FeedConnection(
    Uri silo,
    HttpMessageInvoker http,
    EdgeHello hello,
    EdgeState state,
    EdgeMetrics metrics,
    ControlJournal journal,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Called once, when the silo takes this edge.</summary>
    public required Action Welcomed { get; init; }

    /// <summary>Called after each new config is in force.</summary>
    public required Action ConfigApplied { get; init; }

    /// <summary>Answers a question about this edge's cache; null: not now.</summary>
    public required Func<EdgeQuestion, Task<EdgeAnswer>?> Answer { get; init; }

    /// <summary>Executes tasks of prewarm jobs; results go to the callback.</summary>
    public required Action<PrewarmBatch, Action<EdgePrewarmed>> Prewarm { get; init; }

    public async Task<FeedEnd> RunAsync(CancellationToken stop)
    {
        using FeedUpload upload = new(hello, state, metrics, journal, time);
        using CancellationTokenSource silence = new(FeedProtocol.SilenceLimit, time);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, stop);
        TaskCompletionSource<FeedEnd?> uploaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool bodyStarted = false;
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(silo, FeedProtocol.EdgePath))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new DuplexContent(FeedProtocol.ContentType, async (stream, _) =>
            {
                bodyStarted = true;
                FeedEnd? end = await UploadAsync(upload, uploaded, stream, ended.Token);
                if (end is not null)
                {
                    await ended.CancelAsync();
                }
            }),
        };

        FeedEnd? downloadEnd = null;
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, ended.Token);
            downloadEnd = CheckResponse(response) ?? await DownloadAsync(response, upload, silence, ended.Token);
        }
        catch (OperationCanceledException)
        {
            // Which of the three ended it is told below.
        }
        catch (HttpRequestException e)
        {
            downloadEnd = new FeedEnd(FeedEndReason.Unreachable, Describe(e));
        }
        catch (IOException e)
        {
            downloadEnd = new FeedEnd(FeedEndReason.Closed, Describe(e));
        }

        bool silent = silence.IsCancellationRequested;
        await ended.CancelAsync();
        FeedEnd? uploadEnd = bodyStarted ? await uploaded.Task : null;
        return stop.IsCancellationRequested
            ? new FeedEnd(FeedEndReason.Stopping, "this edge ended it")
            : downloadEnd
                ?? uploadEnd
                ?? (silent ? new FeedEnd(FeedEndReason.Silent, $"nothing arrived for {FeedProtocol.SilenceLimit.TotalSeconds:0} s") : null)
                ?? throw new UnreachableException("a feed connection ended without a reason");
    }

    private static async Task<FeedEnd?> UploadAsync(FeedUpload upload, TaskCompletionSource<FeedEnd?> uploaded, Stream stream, CancellationToken ended)
    {
        FeedEnd? end = null;
        try
        {
            await upload.RunAsync(stream, ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The other half ended it, and says why.
        }
        catch (TimeoutException e)
        {
            end = new FeedEnd(FeedEndReason.Stalled, e.Message);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            end = new FeedEnd(FeedEndReason.Closed, Describe(e));
        }
        catch (Exception e)
        {
            uploaded.TrySetException(e);
            throw;
        }

        uploaded.TrySetResult(end);
        return end;
    }

    private static FeedEnd? CheckResponse(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new FeedEnd(FeedEndReason.NotAFeed, $"the answer was status {(int)response.StatusCode}; --silo must name the feed's address, not the API's");
        }

        string? mediaType = response.Content.Headers.ContentType?.MediaType;
        return mediaType == FeedProtocol.ContentType
            ? null
            : new FeedEnd(FeedEndReason.NotAFeed, $"the answer was '{mediaType}' instead of {FeedProtocol.ContentType}; --silo must name the feed's address, not the API's");
    }

    private async Task<FeedEnd> DownloadAsync(HttpResponseMessage response, FeedUpload upload, CancellationTokenSource silence, CancellationToken ended)
    {
        FeedSession session = new(state.Pop, state.Edge, state.Snapshot, hello.Cursor);
        await using Stream body = await response.Content.ReadAsStreamAsync(ended);
        await using LineReader lines = new(body, FeedProtocol.MaxSiloLineBytes);
        while (true)
        {
            switch (await lines.ReadAsync(ended))
            {
                case LineRead.End:
                    return new FeedEnd(FeedEndReason.Closed, "the silo closed it");
                case LineRead.TooLong:
                    return new FeedEnd(FeedEndReason.LineTooLong, $"a line of more than {FeedProtocol.MaxSiloLineBytes} bytes");
            }

            silence.CancelAfter(FeedProtocol.SilenceLimit);
            SiloMessage message;
            try
            {
                message = SiloLine.Parse(lines.Line);
            }
            catch (JsonException e)
            {
                return new FeedEnd(FeedEndReason.Malformed, $"a line that is no message: {OneLine.Printable(e.Message)}");
            }

            FeedStep step = session.Step(message);
            if (step.Remark is { } remark)
            {
                LogRemark(silo, remark);
            }

            if (step.End is { } end)
            {
                return end;
            }

            Perform(step, upload);
        }
    }

    private void Perform(FeedStep step, FeedUpload upload)
    {
        switch (step.Action)
        {
            case FeedAction.None:
                break;
            case FeedAction.Welcome:
                Welcomed();
                break;
            case FeedAction.ApplyConfig:
                state.Replace(step.Snapshot!);
                LogConfig(step.Snapshot!.Version, step.Snapshot.Epoch);
                upload.SendHeartbeat();
                ConfigApplied();
                break;
            case FeedAction.ApplyPurges:
                state.Apply(step.Purges!);
                upload.Applied();
                break;
            case FeedAction.ApplyGap:
                state.Purges.ApplyGap(step.Through);
                LogGap(step.Through);
                upload.Applied();
                break;
            case FeedAction.ApplyAhead:
                state.ApplyAhead(step.Ahead!); // nothing to save or to acknowledge
                break;
            case FeedAction.Answer:
                _ = AnswerAsync(step.Question!, upload);
                break;
            case FeedAction.Prewarm:
                Prewarm(step.Prewarm!, upload.Answer);
                break;
            case FeedAction.ReplacePeers:
                state.Replace(step.Peers!);
                break;
            case FeedAction.CaughtUp:
                if (step.LogAge is { } age)
                {
                    state.Contact.Knew(time.MonotonicSeconds() - age.TotalSeconds);
                }

                state.CatchUp?.Open();
                break;
            default:
                throw new UnreachableException($"feed action {step.Action}");
        }
    }

    /// <summary>Beside the reading: a slow disk holds up no purge. As many at a time as may wait for the disk.</summary>
    private async Task AnswerAsync(EdgeQuestion question, FeedUpload upload)
    {
        try
        {
            if (Answer(question) is { } answering)
            {
                upload.Answer(await answering);
            }
        }
        catch (Exception error)
        {
            // A bug; the asker is told that no answer came.
            LogNotExplained(error);
        }
    }

    /// <summary>The innermost message: the outer ones say only that something failed.</summary>
    private static string Describe(Exception e) => OneLine.Printable(e.GetBaseException().Message);

    [LoggerMessage(Level = LogLevel.Error, Message = "a question about the cache could not be answered")]
    private partial void LogNotExplained(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "feed from {Silo}: {Remark}")]
    private partial void LogRemark(Uri silo, string remark);

    [LoggerMessage(Level = LogLevel.Information, Message = "config version {Version} (epoch {Epoch}) is in force")]
    private partial void LogConfig(long version, string epoch);

    [LoggerMessage(Level = LogLevel.Information, Message = "what was purged before {Through} is not known; everything cached until now is asked for again")]
    private partial void LogGap(PurgeCursor through);
}
