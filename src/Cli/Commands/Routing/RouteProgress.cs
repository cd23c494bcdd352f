using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>Whether a change has come to the neighbours, as far as the announcers say.</summary>
internal static class RouteProgress
{
    /// <summary>Silo to announcer takes milliseconds, a session's UPDATE too; what is not there by then has a reason.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(10);

    // Announcers report at most once a second.
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);

    /// <param name="host">Says what is missing on its standard error.</param>
    /// <param name="client">Of the silo.</param>
    /// <param name="done">The change.</param>
    /// <param name="wait">Null: look once, and only whether the announcers are there.</param>
    /// <param name="json">Standard output carries JSON.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> ConcludeAsync(
        CliHost host, ApiClient client, RouteChangeReply done, TimeSpan? wait, bool json, CancellationToken cancellationToken)
    {
        RouteChangeAt[] applied = [.. done.Upstreams.Where(u => u.State is RouteChangeState.Applied or RouteChangeState.Unchanged)];
        if (applied.Length == 0)
        {
            return ExitCode.Done;
        }

        long start = host.Time.GetTimestamp();
        while (true)
        {
            RoutesReply routes = await client.RoutesAsync(null, null, cancellationToken);
            string[] missing = [.. applied.SelectMany(at => wait is null ? NotConnected(routes, at) : NotOnTheWire(routes, at)).Distinct()];
            if (missing.Length == 0)
            {
                if (wait is not null && !json)
                {
                    host.Out.WriteLine("It is on the wire.");
                }

                return ExitCode.Done;
            }

            if (wait is null || host.Time.GetElapsedTime(start) >= wait)
            {
                host.Error.WriteLine(wait is null ? "cdn: stored, but not every announcer is connected:" : "cdn: stored, but not on the wire everywhere:");
                foreach (string line in missing)
                {
                    host.Error.WriteLine("  " + PlainText.Of(line));
                }

                host.Error.WriteLine("An announcer takes it when it connects again; 'cdn route diff' and 'cdn bgp sessions' say more.");
                return ExitCode.Partial;
            }

            await Task.Delay(AskEvery, host.Time, cancellationToken);
        }
    }

    private static IEnumerable<string> NotConnected(RoutesReply routes, RouteChangeAt at) => routes.Pops
        .Where(p => p.Pop == at.Pop)
        .SelectMany(p => p.Announcers.Where(a => !a.Connected && p.Upstreams.Any(u => u.Upstream == at.Upstream && u.Servers.Contains(a.Edge))))
        .Select(a => $"{at.Pop}/{a.Edge}");

    private static IEnumerable<string> NotOnTheWire(RoutesReply routes, RouteChangeAt at)
    {
        UpstreamRoutes? upstream = routes.Pops.Where(p => p.Pop == at.Pop).SelectMany(p => p.Upstreams).FirstOrDefault(u => u.Upstream == at.Upstream);
        string name = $"{at.Pop}/{at.Upstream}: ";
        return upstream is null ? [name + "no longer in the config"]
            : upstream.Revision < at.Revision ? [name + "the PoP has not been told yet"]
            : upstream.Difference.Select(d => name + d);
    }
}
