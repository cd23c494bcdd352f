using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn audit</c>: who purged and who changed config and routes.</summary>
internal static class AuditCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var site = new Option<string?>("--site") { Description = "Only purges of this site", HelpName = "ID" };
        var who = new Option<string?>("--who") { Description = "Only with the token of this name", HelpName = "NAME" };
        var since = new Option<TimeSpan?>("--since")
        {
            Description = "Only the last 30m, 2h, 7d, … [default: as far as it goes back]", HelpName = "TIME", CustomParser = DurationText.ParseAge,
        };
        var limit = new Option<int>("--limit") { Description = "Longest list", HelpName = "N", DefaultValueFactory = _ => AuditReply.DefaultLimit };
        var after = new Option<string?>("--after") { Description = "Go on where an earlier list ended", HelpName = "NEXT" };
        var command = new Command("audit", "List who purged and who changed config and routes, newest first.") { site, who, since, limit, after };
        api.AddTo(command);
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > AuditReply.MaxLimit)
            {
                result.AddError($"--limit is 1 to {AuditReply.MaxLimit}");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            DateTimeOffset? from = parsed.GetValue(since) is { } age ? host.Time.GetUtcNow() - age : null;
            AuditReply reply = await client.AuditAsync(
                parsed.GetValue(site), parsed.GetValue(who), from, parsed.GetValue(limit), parsed.GetValue(after), cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.AuditReply);
                return ExitCode.Done;
            }

            Write(host, reply);
            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn audit --limit 20", "cdn audit --site www --since 2h", "cdn audit --who deploy --json | jq -r '.entries[] | select(.outcome == \"Refused\") | .detail'");
    }

    private static void Write(CliHost host, AuditReply reply)
    {
        if (reply.Entries.IsEmpty)
        {
            host.Out.WriteLine("Nothing, as far as the trail goes back.");
        }
        else
        {
            Table table = new Table().Border(TableBorder.Rounded).AddColumns("When", "Who", "From", "What", "Outcome");
            foreach (AuditEntry entry in reply.Entries)
            {
                table.AddRow(
                    Units.Time(entry.When), Markup.Escape(entry.Who), Markup.Escape(entry.From ?? ""), Markup.Escape(What(entry)), entry.Outcome.ToString());
            }

            host.Console.Write(table);
        }

        if (reply.Next is { } next)
        {
            host.Error.WriteLine($"There is more: --after {next}");
        }
    }

    private static string What(AuditEntry entry)
    {
        string what = entry.Action switch
        {
            AuditAction.Purge => $"{(entry.Soft == true ? "soft purge" : "purge")} {entry.Site} {entry.Kind} {string.Join(" ", entry.Values.IsDefault ? [] : entry.Values)}"
                + (entry.Count > (entry.Values.IsDefault ? 0 : entry.Values.Length) && entry.Count > 1 ? $" … ({Units.Count(entry.Count)} in all)" : ""),
            AuditAction.Route => $"route {entry.Id ?? string.Join(" ", entry.Values.IsDefault ? [] : entry.Values)}",
            AuditAction.Drain or AuditAction.Undrain or AuditAction.Pin or AuditAction.Unpin =>
                $"{entry.Action.ToString().ToLowerInvariant()} {entry.Id ?? string.Join(" ", entry.Values.IsDefault ? [] : entry.Values)}",
            AuditAction.Maintenance => $"maintenance {entry.Id ?? string.Join(" ", entry.Values.IsDefault ? [] : entry.Values)}",
            AuditAction.DnsKey => $"keys of {entry.Id ?? string.Join(" ", entry.Values.IsDefault ? [] : entry.Values)}",
            _ => $"config {entry.Id}, {Units.Count(entry.Count)} changes",
        };
        return entry.Detail is null ? what.TrimEnd() : $"{what.TrimEnd()}: {entry.Detail}";
    }
}
