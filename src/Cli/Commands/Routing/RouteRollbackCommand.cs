using System.CommandLine;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route rollback POP/UPSTREAM VERSION</c>.</summary>
internal static class RouteRollbackCommand
{
    public static Command Create(CliHost host)
    {
        var options = new RouteChangeOptions(host);
        Argument<string> where = RoutePlace.OneUpstream();
        var version = new Argument<long>("VERSION") { Description = "Version to go back to (cdn route history); 0: nothing beyond the config" };
        var command = new Command("rollback", "Go back to an earlier intent of an upstream: shows before and after first, then asks.") { where, version };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            (string pop, string upstream) = RoutePlace.ParseOne(parsed.GetValue(where)!);
            RouteRollbackRequest request = options.Complete(parsed, new RouteRollbackRequest { Version = parsed.GetValue(version) });
            return options.RunAsync(
                parsed,
                client => client.RollbackRoutesAsync(pop, upstream, request with { DryRun = true }, cancellationToken),
                (client, shown) => client.RollbackRoutesAsync(pop, upstream, request with { ExpectedVersion = shown.Upstreams[0].Version }, cancellationToken),
                when: null,
                cancellationToken);
        });
        return command.WithExamples("cdn route rollback lax/vultr 3 --why \"NTT is well again\"", "cdn route rollback lax/vultr 0 --yes --wait");
    }
}
