using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn prewarm status|list|pause|resume|cancel</c>.</summary>
internal static class PrewarmJobCommands
{
    public static Command Status(CliHost host)
    {
        var api = new ApiOptions(host);
        Argument<string> id = Id();
        var wait = new Option<bool>("--wait") { Description = "Show the progress and wait for the end" };
        var command = new Command("status", "How far a job is at each PoP, and what failed.") { id, wait };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            bool json = parsed.GetValue(api.Json);
            PrewarmReply reply = await client.PrewarmStateAsync(parsed.GetValue(id)!, cancellationToken);
            reply = parsed.GetValue(wait) ? await PrewarmProgress.FollowAsync(host, client, reply, json, cancellationToken) : reply;
            if (json)
            {
                host.WriteJson(reply, ContractsJson.Default.PrewarmReply);
            }
            else
            {
                PrewarmText.Write(host, reply);
            }

            return PrewarmText.IsOver(reply.State) ? PrewarmText.Code(reply) : ExitCode.Done;
        });
        return command.WithExamples("cdn prewarm status 0f8fad5bd9cb469fa16570867728950e --wait");
    }

    public static Command List(CliHost host)
    {
        var api = new ApiOptions(host);
        var command = new Command("list", "The latest jobs, the newest first.");
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            PrewarmListReply reply = await client.PrewarmsAsync(cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.PrewarmListReply);
                return ExitCode.Done;
            }

            foreach (PrewarmReply job in reply.Prewarms)
            {
                host.Out.WriteLine($"{job.Id}  {Units.Time(job.When)}  {job.State,-9}  {PlainText.Of(job.Site)}  {Units.Count(job.Urls)} URLs  {PlainText.Of(job.Who)}");
            }

            return ExitCode.Done;
        });
        return command.WithExamples("cdn prewarm list --json");
    }

    public static Command Of(CliHost host, string name, string description, string route)
    {
        var api = new ApiOptions(host);
        Argument<string> id = Id();
        var command = new Command(name, description) { id };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            PrewarmReply reply = await client.PrewarmCommandAsync(route, parsed.GetValue(id)!, cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.PrewarmReply);
            }
            else
            {
                host.Out.WriteLine($"Prewarm {reply.Id}: {reply.State}.");
            }

            return ExitCode.Done;
        });
        return command.WithExamples($"cdn prewarm {name} 0f8fad5bd9cb469fa16570867728950e");
    }

    private static Argument<string> Id() => new("ID") { Description = "Of the job (cdn prewarm list)" };
}
