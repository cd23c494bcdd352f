using System.Collections.Immutable;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Hosting;

/// <summary>The desired state from a file, read again whenever it changes. A file that cannot be used leaves what was before in force.</summary>
internal sealed partial class StandaloneFeed(DesiredFile file, string path, AnnouncerState state, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>Of the problems that it has.</summary>
    private const string Source = "file";

    /// <summary>A look is one system call.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <returns>The mistakes of the first reading; empty: it is in force.</returns>
    public ImmutableArray<string> Load()
    {
        (DesiredAnnouncements? desired, ImmutableArray<string> problems) = file.Read();
        if (desired is not null)
        {
            state.Replace(desired);
        }

        return problems;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(LookInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (file.HasChanged)
                {
                    Reload();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private void Reload()
    {
        ImmutableArray<string> problems = Load();
        state.SetProblems(Source, problems);
        if (problems.IsEmpty)
        {
            LogReloaded(path);
            return;
        }

        foreach (string problem in problems)
        {
            LogProblem(problem);
        }

        LogKeepsLast(path);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "'{File}' was read again and is in force")]
    private partial void LogReloaded(string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{File}' cannot be used; what was desired before stays in force")]
    private partial void LogKeepsLast(string file);
}
