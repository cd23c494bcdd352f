using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary>Shows the steps of a drain, or of its way back, as they are done: a line each, and on a terminal a live line for the one under way.</summary>
internal sealed class DrainWatch(CliHost host, ApiClient client, DrainPlace place, bool json)
{
    /// <summary>By the defaults two minutes until the withdrawal and five for connections; others may have to go first.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromMinutes(15);

    /// <summary>Who watches for longer has gone home.</summary>
    public static readonly TimeSpan MaxDeadline = TimeSpan.FromDays(1);

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Calls in a row that may fail: a silo that restarts is back in seconds.</summary>
    private const int MaxFailures = 120;

    private readonly long _start = host.Time.GetTimestamp();
    private readonly Dictionary<DrainStepKind, (DrainStepState State, string Held)> _shown = [];
    private int _liveLength;

    private TimeSpan Elapsed => host.Time.GetElapsedTime(_start);

    public async Task<int> FollowAsync(DrainAction wanted, TimeSpan deadline, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                DrainProgressReply reply = await AskAsync(cancellationToken);
                Show(reply);
                if (reply.Towards != wanted)
                {
                    EndLive();
                    host.Error.WriteLine($"cdn: {place} was {(wanted == DrainAction.Drain ? "put in service again" : "drained again")} meanwhile{By(reply)}");
                    return ExitCode.Failed;
                }

                if (reply.IsDone)
                {
                    EndLive();
                    if (!json)
                    {
                        host.Out.WriteLine($"{(place.Edge is null ? "PoP" : "Edge")} {PlainText.Of(place.ToString())} is {(wanted == DrainAction.Drain ? "drained" : "back in service")} after {Seconds(Elapsed)}.");
                    }

                    return ExitCode.Done;
                }

                if (Elapsed >= deadline)
                {
                    EndLive();
                    DrainStepView step = Current(reply)!;
                    host.Error.WriteLine($"cdn: after {Seconds(deadline)} not done yet. {Name(step.Step)}: {PlainText.Of(step.Detail)}");
                    host.Error.WriteLine(Stays(wanted));
                    return ExitCode.Failed;
                }

                await Task.Delay(AskEvery, host.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            EndLive();
            host.Error.WriteLine("cdn: interrupted. " + Stays(wanted));
            return ExitCode.Failed;
        }
    }

    private string Stays(DrainAction wanted) => wanted == DrainAction.Drain
        ? $"The drain stays in force and goes on: 'cdn drain {place} --watch' shows it again, 'cdn undrain {place}' takes it back."
        : $"It goes on by itself: 'cdn undrain {place} --watch' shows it again.";

    private async Task<DrainProgressReply> AskAsync(CancellationToken cancellationToken)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                return await client.DrainProgressAsync(place.Pop, place.Edge, cancellationToken);
            }
            catch (CommandFailure failure) when (failure.Problem.Status is 0 or null or 429 or >= 500 && failures < MaxFailures)
            {
                await Task.Delay(AskEvery, host.Time, cancellationToken);
            }
        }
    }

    private void Show(DrainProgressReply reply)
    {
        bool isNews = false;
        DrainStepView? current = Current(reply);
        foreach (DrainStepView step in reply.Steps.Where(step => step.State == DrainStepState.Done || step == current))
        {
            (DrainStepState, string) state = (step.State, step.State == DrainStepState.HeldBack ? step.Detail : "");
            if (_shown.TryGetValue(step.Step, out var shown) && shown == state)
            {
                continue;
            }

            (_shown[step.Step], isNews) = (state, true);

            // On a terminal the live line has it.
            if (!json && !(host.Interactive && step.State == DrainStepState.UnderWay))
            {
                EndLive();
                host.Out.WriteLine(Line(step));
            }
        }

        if (json && isNews)
        {
            host.WriteJson(reply, ContractsJson.Default.DrainProgressReply);
        }
        else if (!json && host.Interactive && current is not null)
        {
            string line = Line(current);
            host.Out.Write("\r" + line.PadRight(_liveLength));
            _liveLength = line.Length;
        }

        host.Out.Flush();
    }

    /// <summary>The first that is not done.</summary>
    private static DrainStepView? Current(DrainProgressReply reply) => reply.Steps.FirstOrDefault(step => step.State != DrainStepState.Done);

    private void EndLive()
    {
        if (_liveLength > 0)
        {
            host.Out.Write("\r" + new string(' ', _liveLength) + "\r");
            _liveLength = 0;
        }
    }

    private string Line(DrainStepView step) => string.Create(
        CultureInfo.InvariantCulture, $"{Seconds(Elapsed),7}  {Name(step.Step),-15}  {Word(step.State)}{PlainText.Of(step.Detail)}");

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalSeconds):0} s");

    private static string Word(DrainStepState state) => state switch
    {
        DrainStepState.Done => "done: ",
        DrainStepState.HeldBack => "held back: ",
        _ => "",
    };

    private static string Name(DrainStepKind step) => step switch
    {
        DrainStepKind.Dns => "DNS",
        DrainStepKind.Deprefer => "less preferred",
        DrainStepKind.Withdraw => "withdrawn",
        DrainStepKind.Connections => "connections",
        DrainStepKind.WarmUp => "cache warm",
        DrainStepKind.Announce => "announced",
        _ => step.ToString(),
    };

    private static string By(DrainProgressReply reply)
    {
        EdgeDrain? edge = reply.Drain.Edges.FirstOrDefault(drain => drain.Edge == reply.Edge);
        (string? who, string? why) = reply.Edge is null ? (reply.Drain.Who, reply.Drain.Why) : (edge?.Who, edge?.Why);
        return who is null ? "" : $", by {PlainText.Of(who)}{(why is null ? "" : $" ({PlainText.Of(why)})")}";
    }
}
