using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Sessions;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer;

/// <summary>Brings sessions to what is desired, looks after them, and tells of what came of it.</summary>
internal sealed partial class Steward(AnnouncerState state, SessionSet sessions, ReportBoard reports, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>How soon a change of a session is told.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private DesiredAnnouncements? _done;

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

            await state.News.WaitAsync(Interval, time, stoppingToken);
        }
    }

    private void Turn()
    {
        if (state.Desired is { } desired && desired != _done)
        {
            sessions.Set(desired);
            _done = desired;
        }

        sessions.Mend();
        reports.Offer(Report(), time.GetTimestamp());
    }

    private AnnouncerReport Report()
    {
        FailoverStanding? failover = state.Failover;
        return new AnnouncerReport
        {
            Epoch = _done?.Epoch ?? "",
            ConfigVersion = _done?.ConfigVersion ?? 0,
            Sessions = sessions.Observe(),
            HeldBack = state.Desired is null ? "nobody has told this announcer yet what to announce" : failover is null ? "starting" : failover.HeldBack,
            Failover = failover?.Status,
            Problems = [.. state.Problems, .. failover?.Problems ?? [], .. sessions.Problems()],
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "an unexpected error; sessions go on as they are")]
    private partial void LogFault(Exception exception);
}
