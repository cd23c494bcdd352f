using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route schedules</c>: what is to come, what ends by itself, what was not possible.</summary>
internal static class RouteSchedulesCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var cancel = new Option<string?>("--cancel") { Description = "Drop this one; one in force ends now", HelpName = "ID" };
        var force = new Option<bool>("--force") { Description = "Also when a prefix is not announced anywhere any more" };
        var why = new Option<string?>("--why") { Description = "Reason, kept in the history", HelpName = "TEXT" };
        var command = new Command("schedules", "List changes that are to come, that end by themselves, and that were not possible.") { cancel, force, why };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            SchedulesReply schedules = await client.RouteSchedulesAsync(cancellationToken);
            bool json = parsed.GetValue(api.Json);
            if (parsed.GetValue(cancel) is { } id)
            {
                ScheduleAt at = schedules.Schedules.FirstOrDefault(s => s.Schedule.Id == id)
                    ?? throw new CommandFailure(ExitCode.Failed, $"there is no schedule '{id}'", "It is over, or was never: 'cdn route schedules' lists them.");
                RouteChangeReply reply = await client.CancelRouteScheduleAsync(at, parsed.GetValue(force), parsed.GetValue(why), cancellationToken);
                if (json)
                {
                    host.WriteJson(reply, ContractsJson.Default.RouteChangeReply);
                }
                else
                {
                    host.Out.WriteLine($"{at.Pop}/{at.Upstream}: '{PlainText.Of(at.Schedule.What)}' {(at.Schedule.State == ScheduleState.Active ? "has ended" : "is dropped")}.");
                }

                return await RouteProgress.ConcludeAsync(host, client, reply, wait: null, json, cancellationToken);
            }

            if (json)
            {
                host.WriteJson(schedules, ContractsJson.Default.SchedulesReply);
                return ExitCode.Done;
            }

            Write(host, schedules);
            return ExitCode.Done;
        });
        return command.WithExamples("cdn route schedules", "cdn route schedules --cancel 0f8fad5bd9cb");
    }

    public static string Describe(RouteSchedule schedule) => $"{schedule.What}{Times(schedule)} ({State(schedule)}, {schedule.Id})";

    private static void Write(CliHost host, SchedulesReply schedules)
    {
        if (schedules.Schedules.IsEmpty)
        {
            host.Out.WriteLine("Nothing is scheduled.");
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Id", "Upstream", "What", "From", "Until", "State", "Who", "Why");
        foreach ((string pop, string upstream, RouteSchedule schedule) in schedules.Schedules)
        {
            table.AddRow(
                schedule.Id,
                Markup.Escape($"{pop}/{upstream}"),
                Markup.Escape(PlainText.Of(schedule.What)),
                schedule.From is { } from ? Units.Time(from) : "at once",
                schedule.Until is { } until ? Units.Time(until) : "it stays",
                Markup.Escape(PlainText.Of(State(schedule))),
                Markup.Escape(PlainText.Of(schedule.Author.Who)),
                Markup.Escape(PlainText.Of(schedule.Author.Why ?? "")));
        }

        host.Console.Write(table);
    }

    private static string Times(RouteSchedule schedule) =>
        (schedule.From is { } from ? $" from {Units.Time(from)}" : "") + (schedule.Until is { } until ? $" until {Units.Time(until)}" : "");

    private static string State(RouteSchedule schedule) => schedule.State switch
    {
        ScheduleState.Pending => "to come",
        ScheduleState.Active => "in force",
        _ => $"not possible: {schedule.Failure}",
    };
}
