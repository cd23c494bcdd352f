using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.Json;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Commands;
using OrleansCdn.Cli.Commands.Dns;
using OrleansCdn.Cli.Commands.Routing;
using OrleansCdn.Contracts;

namespace OrleansCdn.Cli;

/// <summary>All commands, and the one place where usage errors and failures become output and an exit code.</summary>
internal static class CommandTree
{
    // What is promised for Ctrl-C: the lab ends its processes within it.
    private static readonly TimeSpan TerminationLimit = TimeSpan.FromSeconds(5);

    public static RootCommand Build(CliHost host)
    {
        var root = new RootCommand("The command line of OrleansCdn: run the lab, apply configs, purge, drain, change routes, explain, look at the state.");
        root.Subcommands.Add(LabCommand.Create(host));
        root.Subcommands.Add(StatusCommand.Create(host));
        root.Subcommands.Add(HealthCommand.Create(host));
        root.Subcommands.Add(PurgeCommand.Create(host));
        root.Subcommands.Add(DrainCommand.Drain(host));
        root.Subcommands.Add(DrainCommand.Undrain(host));
        root.Subcommands.Add(MaintenanceCommand.Create(host));
        root.Subcommands.Add(FailoverCommand.Create(host));
        root.Subcommands.Add(AuditCommand.Create(host));
        root.Subcommands.Add(EventsCommand.Create(host));
        root.Subcommands.Add(NotificationsCommand.Create(host));
        root.Subcommands.Add(PrewarmCommand.Create(host));
        root.Subcommands.Add(ExplainCommand.Create(host));
        root.Subcommands.Add(TagsCommand.Create(host));
        root.Subcommands.Add(TopCommand.Create(host));
        root.Subcommands.Add(RouteCommand.Create(host));
        root.Subcommands.Add(BgpCommand.Create(host));
        root.Subcommands.Add(InternetCommand.Create(host));
        root.Subcommands.Add(DnsCommand.Create(host));
        root.Subcommands.Add(ApplyCommand.Create(host));
        root.Subcommands.Add(ConfigCommand.Create(host));
        root.Subcommands.Add(GeoCommand.Create(host));
        root.Subcommands.Add(LabOriginCommand.Create(host));
        root.Subcommands.Add(LabInternetCommand.Create(host));
        return root.WithExamples(
            "cdn lab                                  the whole CDN on this machine",
            "cdn status                               PoPs and edges of the silo in CDN_API",
            "cdn apply three-pops.yaml                show the difference, ask, apply",
            "cdn purge --site www --tag news --wait   and wait for every PoP",
            "cdn explain URL --pop waw                why it is served as it is");
    }

    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliHost host, CancellationToken cancellationToken = default)
    {
        // No response files: a tag may begin with @.
        ParseResult parsed = Build(host).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        parsed.InvocationConfiguration.Output = host.Out;
        parsed.InvocationConfiguration.Error = host.Error;
        parsed.InvocationConfiguration.EnableDefaultExceptionHandler = false;
        parsed.InvocationConfiguration.ProcessTerminationTimeout = TerminationLimit;
        if (parsed.Action is null or ParseErrorAction)
        {
            return WrongUsage(parsed, host);
        }

        try
        {
            return await parsed.InvokeAsync(parsed.InvocationConfiguration, cancellationToken);
        }
        catch (CommandFailure failure)
        {
            return Failed(failure, args.Contains(ApiOptions.JsonFlag), host);
        }
        catch (OperationCanceledException)
        {
            host.Error.WriteLine("cdn: interrupted");
            return ExitCode.Failed;
        }
    }

    private static int WrongUsage(ParseResult parsed, CliHost host)
    {
        foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
        {
            host.Error.WriteLine("cdn: " + error.Message);
        }

        if (parsed.Errors.Count == 0)
        {
            host.Error.WriteLine("cdn: a command is missing");
        }

        string path = string.Join(' ', CommandPath(parsed.CommandResult.Command));
        host.Error.WriteLine($"Try: {path} --help");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> CommandPath(Command command)
    {
        var names = new Stack<string>();
        for (Symbol? symbol = command; symbol is Command and not RootCommand; symbol = symbol.Parents.FirstOrDefault())
        {
            names.Push(symbol.Name);
        }

        return names.Prepend("cdn");
    }

    private static int Failed(CommandFailure failure, bool json, CliHost host)
    {
        if (json)
        {
            host.Out.WriteLine(JsonSerializer.Serialize(failure.Problem, ContractsJson.Default.ApiProblem));
        }

        host.Error.WriteLine("cdn: " + failure.Message);
        if (failure.Hint is not null)
        {
            host.Error.WriteLine(failure.Hint);
        }

        return failure.ExitCode;
    }
}
