using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Sessions;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer;

/// <summary>Brings together what is desired and what is proven, and tells of what came of it.</summary>
internal sealed partial class Steward(AnnouncerState state, SessionSet sessions, ReportBoard reports, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>How soon a change of a session is told.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private DesiredAnnouncements? _done;
    private bool _wasReleased;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Turn();
            }
            catch (Exception e)
            {
                // A bug: sessions go on with what they have, and the next turn tries again.
                LogFault(e);
            }

            using CancellationTokenSource wait = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            wait.CancelAfter(Interval);
            try
            {
                _ = await state.News.ReadAsync(wait.Token);
            }
            catch (OperationCanceledException)
            {
                // Nothing new: sessions are looked after all the same.
            }
        }
    }

    private void Turn()
    {
        bool isReleased = state.Health.IsOpen;
        if (state.Desired is { } desired && (desired != _done || isReleased != _wasReleased))
        {
            sessions.Set(desired, isReleased);
            (_done, _wasReleased) = (desired, isReleased);
        }

        sessions.Mend();
        reports.Offer(Report(), time.GetTimestamp());
    }

    private AnnouncerReport Report() => new()
    {
        Epoch = _done?.Epoch ?? "",
        ConfigVersion = _done?.ConfigVersion ?? 0,
        Sessions = sessions.Observe(),
        HeldBack = state.Desired is null ? "nobody has told this announcer yet what to announce" : state.Health.HeldBack,
        Problems = [.. state.Problems, .. state.Health.Problem is { } problem ? [problem] : Array.Empty<string>(), .. sessions.Problems()],
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "an unexpected error; sessions go on as they are")]
    private partial void LogFault(Exception exception);
}
