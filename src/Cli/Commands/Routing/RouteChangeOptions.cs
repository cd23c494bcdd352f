using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>What all commands that change routes have in common: show, ask, do what was shown, see that it is on the wire.</summary>
internal sealed class RouteChangeOptions(CliHost host)
{
    private readonly ApiOptions _api = new(host);
    private readonly Option<bool> _yes = Confirmation.YesOption();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Show before and after only" };
    private readonly Option<string?> _why = new("--why") { Description = "Reason, kept in the history", HelpName = "TEXT" };
    private readonly Option<bool> _force = new("--force") { Description = "Also when a prefix is not announced anywhere any more" };
    private readonly Option<bool> _override = new("--override-rpki") { Description = "Also when a ROA does not allow what would be announced; recorded" };
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until the announcers say that it is on the wire, or for the deadline" };
    private readonly Option<TimeSpan?> _deadline = new("--deadline")
    {
        Description = "Longest wait, up to 1m: 500ms, 20s [default: 10s]", HelpName = "TIME", CustomParser = DurationText.Parse,
    };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_yes, _dryRun, _why, _force, _override, _wait, _deadline])
        {
            command.Options.Add(option);
        }

        _api.AddTo(command);
    }

    public RouteChangeRequest Complete(ParseResult parsed, RouteChangeRequest request) => request with
    {
        Why = parsed.GetValue(_why), Force = parsed.GetValue(_force), OverrideRpki = parsed.GetValue(_override),
    };

    public RouteRollbackRequest Complete(ParseResult parsed, RouteRollbackRequest request) => request with
    {
        Why = parsed.GetValue(_why), Force = parsed.GetValue(_force), OverrideRpki = parsed.GetValue(_override),
    };

    /// <param name="parsed">The command line.</param>
    /// <param name="preview">Asks what would be, and changes nothing.</param>
    /// <param name="change">Does what was shown; refused when something else is in force by then.</param>
    /// <param name="when">Stands above what is shown; null: at once, and for good.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<int> RunAsync(
        ParseResult parsed,
        Func<ApiClient, Task<RouteChangeReply>> preview,
        Func<ApiClient, RouteChangeReply, Task<RouteChangeReply>> change,
        string? when,
        CancellationToken cancellationToken)
    {
        bool json = parsed.GetValue(_api.Json);
        bool dryRun = parsed.GetValue(_dryRun);
        if (!dryRun)
        {
            Confirmation.RequireTerminalOr(parsed.GetValue(_yes), host);
        }

        using ApiClient client = _api.Connect(parsed);
        RouteChangeReply shown = await preview(client);
        if (!json)
        {
            if (when is not null)
            {
                host.Out.WriteLine(when);
            }

            RouteText.WritePreview(host, shown.Upstreams);
        }

        if (dryRun)
        {
            return Write(shown, json);
        }

        if (!json && RouteText.ChangesNothing(shown))
        {
            host.Out.WriteLine("This changes nothing of what is seen now.");
        }

        if (!parsed.GetValue(_yes) && !Confirmation.Ask(host, "Go ahead?"))
        {
            throw new CommandFailure(ExitCode.Failed, "nothing was changed");
        }

        RouteChangeReply done = await change(client, shown);
        Write(done, json);
        TimeSpan? wait = parsed.GetValue(_wait) ? parsed.GetValue(_deadline) ?? RouteProgress.DefaultDeadline : null;
        return await RouteProgress.ConcludeAsync(host, client, done, wait, json, cancellationToken);
    }

    private int Write(RouteChangeReply reply, bool json)
    {
        if (json)
        {
            host.WriteJson(reply, ContractsJson.Default.RouteChangeReply);
            return ExitCode.Done;
        }

        foreach (RouteChangeAt at in reply.DryRun ? [] : reply.Upstreams)
        {
            host.Out.WriteLine(at.State switch
            {
                RouteChangeState.Applied => $"{at.Pop}/{at.Upstream}: version {at.Version} is in force.",
                RouteChangeState.Scheduled => $"{at.Pop}/{at.Upstream}: scheduled. 'cdn route schedules' lists it.",
                _ => $"{at.Pop}/{at.Upstream}: version {at.Version} says so already.",
            });
        }

        return ExitCode.Done;
    }
}
