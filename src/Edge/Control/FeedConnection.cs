using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using OrleansCdn.Contracts;
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

    /// <summary>Called with the half of the connection that this edge speaks on, as long as it is there.</summary>
    public required Action<FeedUpload?> Speaking { get; init; }

    public async Task<FeedEnd> RunAsync(CancellationToken stop)
    {
        using FeedUpload upload = new(hello, state, metrics, journal, time);
        try
        {
            Speaking(upload);
            return await RunAsync(upload, stop);
        }
        finally
        {
            Speaking(null);
        }
    }

    private async Task<FeedEnd> RunAsync(FeedUpload upload, CancellationToken stop)
    {
        FeedSession session = new(state.Pop, state.Edge, state.Snapshot, hello.Cursor, state.DnsSecrets);
        return await new FeedExchange(new Uri(silo, FeedProtocol.EdgePath), FeedProtocol.MaxSiloLineBytes, http, time)
        {
            Upload = upload.RunAsync,
            Take = (in ReadOnlySequence<byte> line) => Take(line, session, upload),
        }.RunAsync(stop);
    }

    private FeedEnd? Take(in ReadOnlySequence<byte> line, FeedSession session, FeedUpload upload)
    {
        SiloMessage message;
        try
        {
            message = LineMessage.Parse(line, ContractsJson.Default.SiloMessage);
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

        if (step.End is null)
        {
            Perform(step, upload);
        }

        return step.End;
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
            case FeedAction.ReplaceEligibility:
                if (state.Replace(step.Eligibility!))
                {
                    string outOfService = Names(step.Eligibility!);
                    LogEligibility(step.Eligibility!.Epoch, outOfService);
                    upload.SendHeartbeat(); // the operator waits for it
                }

                break;
            case FeedAction.ReplaceSecrets:
                state.Replace(step.Secrets!);
                LogSecrets(step.Secrets!.Revision, step.Secrets.Zones.Length);
                upload.SendHeartbeat();
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

    private static string Names(Eligibility eligibility) =>
        OneLine.Printable(string.Join(", ", eligibility.Pops.Where(pop => !pop.IsEligible).Select(pop => $"{pop.Pop} ({pop.State})").DefaultIfEmpty("none")));

    [LoggerMessage(Level = LogLevel.Information, Message = "eligibility {Epoch} is in force; PoPs that DNS sends nobody to: {OutOfService}")]
    private partial void LogEligibility(long epoch, string outOfService);

    [LoggerMessage(Level = LogLevel.Error, Message = "a question about the cache could not be answered")]
    private partial void LogNotExplained(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "feed from {Silo}: {Remark}")]
    private partial void LogRemark(Uri silo, string remark);

    [LoggerMessage(Level = LogLevel.Information, Message = "config version {Version} (epoch {Epoch}) is in force")]
    private partial void LogConfig(long version, string epoch);

    [LoggerMessage(Level = LogLevel.Information, Message = "DNS secrets {Revision} are in use: keys of {Zones} zones")]
    private partial void LogSecrets(long revision, int zones);

    [LoggerMessage(Level = LogLevel.Information, Message = "what was purged before {Through} is not known; everything cached until now is asked for again")]
    private partial void LogGap(PurgeCursor through);
}
