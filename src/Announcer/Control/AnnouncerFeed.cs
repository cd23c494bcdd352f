using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Control;

/// <summary>The announcer's link to a silo: reports go up, the desired state comes down. No session depends on it.</summary>
internal sealed partial class AnnouncerFeed(
    ImmutableArray<Uri> silos,
    HttpMessageInvoker http,
    AnnouncerHello hello,
    AnnouncerState state,
    ReportBoard reports,
    FailoverInbox inbox,
    FailoverOutbox outbox,
    WakeUp disk,
    FeedStatusBoard board,
    TimeProvider time,
    Random random,
    ILogger logger) : FeedLink(silos, board, time, random, logger)
{
    /// <summary>Of the problems that it has.</summary>
    private const string Source = "silo";

    /// <summary>Reports are sent at most this often: <see cref="AnnouncerReport"/>.</summary>
    private static readonly TimeSpan LeastBetweenReports = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = time;
    private bool _hasToldRefused;
    private readonly ILogger _logger = logger;

    protected override async Task<FeedEnd> ConnectAsync(Uri silo, CancellationToken stoppingToken)
    {
        AnnouncerSession session = new(hello.Edge);
        return await new FeedExchange(new Uri(silo, AnnouncerProtocol.Path), AnnouncerProtocol.MaxAnnouncerLineBytes, http, _time)
        {
            Upload = UploadAsync,
            Take = (in ReadOnlySequence<byte> line) => Take(line, session, silo),
        }.RunAsync(stoppingToken);
    }

    private FeedEnd? Take(in ReadOnlySequence<byte> line, AnnouncerSession session, Uri silo)
    {
        AnnouncerStep step;
        try
        {
            step = session.Step(LineMessage.Parse(line, ContractsJson.Default.AnnouncerOrder));
        }
        catch (JsonException e)
        {
            return new FeedEnd(FeedEndReason.Malformed, $"a line that is no message: {OneLine.Printable(e.Message)}");
        }

        if (step.IsWelcome)
        {
            OnWelcome(silo);
        }

        if (!step.Problems.IsEmpty)
        {
            LogUnusable(silo, string.Join("; ", step.Problems));
            state.SetProblems(Source, [.. step.Problems.Select(p => $"the desired state of {silo} cannot be used, what was before stays in force: {p}")]);
        }

        if (step.Desired is { } desired)
        {
            state.SetProblems(Source, []);
            Apply(desired, silo);
        }

        if (step.News is { } news)
        {
            inbox.Post(news);
            if (step.Refused > 0 && !_hasToldRefused)
            {
                _hasToldRefused = true;
                LogRefused(silo, step.Refused);
            }
        }

        return step.End;
    }

    private void Apply(DesiredAnnouncements desired, Uri silo)
    {
        switch (state.Offer(desired))
        {
            case DesiredVerdict.Newer:
                LogDesired(desired.ConfigVersion, desired.Epoch, desired.Upstreams.Length);
                break;
            case DesiredVerdict.Older:
                LogOlder(silo, desired.ConfigVersion, state.Desired!.ConfigVersion);
                break;
        }

        // After it is in force: a slow disk holds up no change. A crash in between costs nothing that the next connection does not bring.
        disk.Wake();
    }

    private async Task UploadAsync(Stream stream, CancellationToken cancellationToken)
    {
        LineWriter<AnnouncerMessage> lines = new(stream, ContractsJson.Default.AnnouncerMessage, _time);
        await lines.WriteAsync(hello with { Instance = Instance }, cancellationToken);
        using PeriodicTimer pace = new(LeastBetweenReports, _time);
        Task<bool> turn = Task.FromResult(true);
        long spoke = _time.GetTimestamp();
        bool isFirst = true; // A new connection knows nothing of what the one before was told.
        while (true)
        {
            // Others wait for these; reports have time.
            Task due = outbox.Due;
            if (outbox.Take() is { } word)
            {
                await lines.WriteAsync(word, cancellationToken);
                outbox.Said(word);
                spoke = _time.GetTimestamp();
            }

            if (turn.IsCompleted)
            {
                _ = await turn;
                if ((isFirst || reports.Due.IsCompleted) && reports.Take() is { } report)
                {
                    await lines.WriteAsync(report, cancellationToken);
                    (spoke, isFirst) = (_time.GetTimestamp(), false);
                }
                else if (_time.GetElapsedTime(spoke) >= FeedProtocol.HeartbeatInterval)
                {
                    await lines.WriteAsync(new AnnouncerHeartbeat(), cancellationToken);
                    spoke = _time.GetTimestamp();
                }

                turn = pace.WaitForNextTickAsync(cancellationToken).AsTask();
            }

            _ = await Task.WhenAny(turn, due);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Silo} passes on {Count} words of announcers that cannot be used; they are left out, and so are those to come")]
    private partial void LogRefused(Uri silo, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "desired state of config version {Version} (epoch {Epoch}), {Upstreams} upstreams, is in force")]
    private partial void LogDesired(long version, string epoch, int upstreams);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Silo} desires an older state (config version {Version}) than the one in force ({Held}); it is not used")]
    private partial void LogOlder(Uri silo, long version, long held);

    [LoggerMessage(Level = LogLevel.Error, Message = "the desired state of {Silo} cannot be used, what was before stays in force: {Problems}")]
    private partial void LogUnusable(Uri silo, string problems);
}
