using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Commands.Routing;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn maintenance</c>: times in which PoPs are drained and come back by themselves.</summary>
internal static class MaintenanceCommand
{
    public static Command Create(CliHost host)
    {
        var command = new Command("maintenance", "Plan when a PoP is drained: at the window's begin it drains, at its end it comes back.");
        command.Subcommands.Add(Add(host));
        command.Subcommands.Add(List(host));
        command.Subcommands.Add(Remove(host));
        return command.WithExamples(
            "cdn maintenance add lax --from 02:00Z --until 04:00Z --reason 'new fans'", "cdn maintenance list", "cdn maintenance remove lax-3");
    }

    private static Command Add(CliHost host)
    {
        var api = new ApiOptions(host);
        var pop = new Argument<string>("POP") { Description = "Id of the PoP" };
        Option<Func<DateTimeOffset, DateTimeOffset>?> from = RouteTime.Option("--from", "When it begins: 02:00Z, +90m, 2026-01-31T02:00:00Z");
        Option<Func<DateTimeOffset, DateTimeOffset>?> until = RouteTime.Option("--until", "When it ends; a time of day is the first after --from, +2h counts from --from");
        (from.Required, until.Required) = (true, true);
        Option<string?> reason = DrainReason.Option();
        var force = new Option<bool>("--force") { Description = "Also when windows of other PoPs overlap it, and begin it also when no other PoP is in service" };
        var command = new Command("add", "Plan a window.") { pop, from, until, reason, force };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            DateTimeOffset begin = parsed.GetValue(from)!(host.Time.GetUtcNow());
            MaintenanceWindow window = await client.PlanMaintenanceAsync(
                new MaintenanceRequest
                {
                    Pop = parsed.GetValue(pop)!, From = begin, Until = parsed.GetValue(until)!(begin), Why = parsed.GetValue(reason), Force = parsed.GetValue(force),
                },
                cancellationToken);
            Write(host, parsed.GetValue(api.Json), window, $"Maintenance {PlainText.Of(window.Id)} is planned: PoP {PlainText.Of(window.Pop)} drains at {Units.Time(window.From)} and comes back at {Units.Time(window.Until)}.");
            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn maintenance add lax --from 02:00Z --until 04:00Z --reason 'new fans'", "cdn maintenance add lax --from 2026-01-31T02:00:00Z --until +2h");
    }

    private static Command List(CliHost host)
    {
        var api = new ApiOptions(host);
        var command = new Command("list", "Show windows that are to come, in force, and over.");
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            MaintenanceReply reply = await client.MaintenanceAsync(cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.MaintenanceReply);
            }
            else
            {
                Write(host, reply);
            }

            return ExitCode.Done;
        });
        return command.WithExamples("cdn maintenance list", "cdn maintenance list --json");
    }

    private static Command Remove(CliHost host)
    {
        var api = new ApiOptions(host);
        var id = new Argument<string>("ID") { Description = "Of the window, as 'cdn maintenance list' shows it" };
        Option<string?> reason = DrainReason.Option();
        var command = new Command("remove", "Take a window back; one in force ends now, and the PoP comes back.") { id, reason };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            MaintenanceWindow window = await client.RemoveMaintenanceAsync(parsed.GetValue(id)!, parsed.GetValue(reason), cancellationToken);
            Write(host, parsed.GetValue(api.Json), window, $"Maintenance {PlainText.Of(window.Id)} {(window.State == MaintenanceState.Done ? $"has ended: PoP {PlainText.Of(window.Pop)} comes back" : "is off")}.");
            return ExitCode.Done;
        });
        return command.WithExamples("cdn maintenance remove lax-3");
    }

    private static void Write(CliHost host, bool json, MaintenanceWindow window, string sentence)
    {
        if (json)
        {
            host.WriteJson(window, ContractsJson.Default.MaintenanceWindow);
        }
        else
        {
            host.Out.WriteLine(sentence);
        }
    }

    private static void Write(CliHost host, MaintenanceReply reply)
    {
        if (reply.Windows.IsEmpty)
        {
            host.Out.WriteLine("No maintenance is planned.");
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Id", "PoP", "From", "Until", "State", "Who", "Why");
        foreach (MaintenanceWindow window in reply.Windows)
        {
            table.AddRow(
                Markup.Escape(PlainText.Of(window.Id)),
                Markup.Escape(PlainText.Of(window.Pop)),
                Units.Time(window.From),
                Units.Time(window.Until),
                Markup.Escape(PlainText.Of(State(window))),
                Markup.Escape(PlainText.Of(window.Who)),
                Markup.Escape(PlainText.Of(window.Why ?? "")));
        }

        host.Console.Write(table);
    }

    private static string State(MaintenanceWindow window)
    {
        string state = window.State switch
        {
            MaintenanceState.Planned => window.Detail is null ? "to come" : "waits",
            MaintenanceState.Active => "in force",
            MaintenanceState.Done => "over",
            MaintenanceState.Removed => "removed",
            _ => "missed",
        };
        return window.Detail is null ? state : $"{state}: {window.Detail}";
    }
}
