using System.CommandLine;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary><c>cdn route set|withdraw|announce</c>.</summary>
internal static class RouteSetCommand
{
    public static Command Create(CliHost host)
    {
        Command command = Build(host, "set", "Set what upstreams, a carrier behind them, or one prefix of theirs see: shows before and after first, then asks.", null);
        return command.WithExamples(
            "cdn route set lax --carrier 2914 withdraw --why \"packet loss\"   not to NTT",
            "cdn route set lax --carrier cogent prepend 2                    longer towards Cogent",
            "cdn route set lax --carrier 2914 default                        as the config says",
            "cdn route set grr/hurricane-electric prepend 1",
            "cdn route set grr/hurricane-electric no-export",
            "cdn route set all community 64500:1 64500:1:2 --dry-run",
            "cdn route set lax/vultr prepend 3 --at 02:00Z --until 04:00Z --yes",
            "cdn route set waw/vultr prepend 1 --prefix 2001:db8:1000::/48");
    }

    public static Command Withdraw(CliHost host) =>
        Build(host, "withdraw", "Withdraw from upstreams, or from a carrier behind them: shows before and after first, then asks.", RouteAction.Withdraw).WithExamples(
            "cdn route withdraw lax --why maintenance",
            "cdn route withdraw lax/vultr --at 02:00Z --until 04:00Z --why maintenance --yes",
            "cdn route withdraw all --carrier 2914");

    public static Command Announce(CliHost host) =>
        Build(host, "announce", "Announce to upstreams, or to a carrier behind them: shows before and after first, then asks.", RouteAction.Announce).WithExamples(
            "cdn route announce lax",
            "cdn route announce lax --carrier 2914 --wait");

    private static Command Build(CliHost host, string name, string description, RouteAction? action)
    {
        var options = new RouteChangeOptions(host);
        var arguments = new RouteChangeArguments(action);
        Option<Func<DateTimeOffset, DateTimeOffset>?> at = RouteTime.Option("--at", "Later: 02:00Z, +90m or 2026-01-31T02:00:00Z [default: now]");
        Option<Func<DateTimeOffset, DateTimeOffset>?> until = RouteTime.Option("--until", "Then what was before comes back [default: it stays]");
        var command = new Command(name, description);
        arguments.AddTo(command);
        command.Options.Add(at);
        command.Options.Add(until);
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            DateTimeOffset now = host.Time.GetUtcNow();
            DateTimeOffset? from = parsed.GetValue(at)?.Invoke(now);
            DateTimeOffset? to = parsed.GetValue(until)?.Invoke(from ?? now);
            RouteChangeRequest request = options.Complete(parsed, arguments.Read(parsed) with { From = from, Until = to });
            return options.RunAsync(
                parsed,
                client => client.ChangeRoutesAsync(request with { DryRun = true }, cancellationToken),
                (client, shown) => client.ChangeRoutesAsync(
                    request with { Expected = [.. shown.Upstreams.Select(u => new ExpectedIntent(u.Pop, u.Upstream, u.Version))] }, cancellationToken),
                RouteText.When(from, to),
                cancellationToken);
        });
        return command;
    }
}
