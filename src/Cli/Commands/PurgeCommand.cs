using System.Collections.Immutable;
using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn purge</c>: one purge, on its way or waited for.</summary>
internal static class PurgeCommand
{
    // As in PurgeRequest.DeadlineMs.
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(10);

    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var site = new Option<string?>("--site") { Description = "Id of the site [default: the only one]", HelpName = "ID" };
        var urls = new Option<string[]>("--url") { Description = "URL to purge; can be given again", HelpName = "URL" };
        var tags = new Option<string[]>("--tag") { Description = "Tag (surrogate key) to purge; can be given again", HelpName = "TAG" };
        var prefixes = new Option<string[]>("--prefix")
        {
            Description = "Purge all URLs that begin like this; can be given again", HelpName = "URL",
        };
        var hosts = new Option<string[]>("--host") { Description = "Purge everything of a host; can be given again", HelpName = "HOST" };
        var all = new Option<bool>("--all") { Description = "Purge everything of the site" };
        var soft = new Option<bool>("--soft") { Description = "Mark as stale instead of removing: validators and grace stay" };
        var refresh = new Option<bool>("--refresh") { Description = "With --soft: fetch again what was purged, ahead of visitors (a prewarm job)" };
        var wait = new Option<bool>("--wait") { Description = "Wait until every edge has acknowledged, or for the deadline" };
        var deadline = new Option<TimeSpan?>("--deadline")
        {
            Description = "Longest wait, up to 1m: 500ms, 20s [default: 10s]",
            HelpName = "TIME",
            CustomParser = DurationText.Parse,
        };
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "The same key within 24 hours is the same purge: a retry gets the first one's receipt", HelpName = "KEY",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Purge nothing; show what would go at each edge" };
        var command = new Command("purge", "Purge by URL, tag, prefix, host or site, at every PoP.")
        {
            site, urls, tags, prefixes, hosts, all, soft, refresh, wait, deadline, key, dryRun,
        };
        api.AddTo(command);
        command.Validators.Add(result =>
        {
            int kinds = (result.GetValue(all) ? 1 : 0)
                + new[] { urls, tags, prefixes, hosts }.Count(kind => result.GetValue(kind) is { Length: > 0 });
            if (kinds != 1)
            {
                result.AddError("give one of --url, --tag, --prefix, --host and --all");
            }

            if (result.GetValue(refresh) && !result.GetValue(soft))
            {
                result.AddError("--refresh goes with --soft: what was removed can be fetched with 'cdn prewarm'");
            }

            if (result.GetValue(dryRun) && result.GetValue(wait))
            {
                result.AddError("--dry-run purges nothing, so there is nothing to --wait for");
            }

            if (result.GetValue(key) is { } text && (text.Length is 0 or > ApiRoutes.MaxIdempotencyKeyLength || text.Any(c => c is < '!' or > '~')))
            {
                result.AddError($"--idempotency-key has 1 to {ApiRoutes.MaxIdempotencyKeyLength} printable ASCII characters without spaces");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using ApiClient client = api.Connect(parsed);
            (PurgeKind kind, ImmutableArray<string> values) = parsed.GetValue(urls) is { Length: > 0 } u ? (PurgeKind.Url, [.. u])
                : parsed.GetValue(tags) is { Length: > 0 } t ? (PurgeKind.Tag, [.. t])
                : parsed.GetValue(prefixes) is { Length: > 0 } p ? (PurgeKind.Prefix, [.. p])
                : parsed.GetValue(hosts) is { Length: > 0 } h ? (PurgeKind.Host, [.. h])
                : (PurgeKind.Site, ImmutableArray<string>.Empty);
            var request = new PurgeRequest
            {
                Site = parsed.GetValue(site) ?? await OnlySite.FindAsync(client, cancellationToken),
                Kind = kind,
                Values = values,
                Soft = parsed.GetValue(soft),
                Refresh = parsed.GetValue(refresh),
                DryRun = parsed.GetValue(dryRun),
                Wait = parsed.GetValue(wait),
                DeadlineMs = (int)(parsed.GetValue(deadline) ?? DefaultDeadline).TotalMilliseconds,
            };
            bool json = parsed.GetValue(api.Json);
            if (request.DryRun)
            {
                return CoverageText.Conclude(host, await client.TryPurgeAsync(request, cancellationToken), json);
            }

            PurgeReply reply = request.Wait && host.Interactive && !json
                ? await PurgeProgress.FollowAsync(host, client, request, parsed.GetValue(key), cancellationToken)
                : await client.PurgeAsync(request, parsed.GetValue(key), cancellationToken);
            if (json)
            {
                host.WriteJson(reply, ContractsJson.Default.PurgeReply);
            }

            return Conclude(host, reply, request.Wait, json);
        });
        return command.WithExamples(
            "cdn purge --tag news --wait                                      when there is one site",
            "cdn purge --site www --url https://www.example.net/logo.svg",
            "cdn purge --site www --prefix https://www.example.net/img/ --wait",
            "cdn purge --site www --tag news --dry-run                        what would go",
            "cdn purge --site www --tag news --soft --refresh                 and fetch again what it covers",
            "cdn purge --site www --host static.example.net",
            "cdn purge --site www --tag release-812 --idempotency-key deploy-812      can be retried",
            "cdn purge --site www --all --soft --wait --deadline 30s --json");
    }

    private static int Conclude(CliHost host, PurgeReply reply, bool waited, bool json)
    {
        string[] missing = [.. Missing(reply)];
        if (reply.Refresh is { } refresh && !json)
        {
            host.Out.WriteLine(refresh.Id is { } id
                ? $"Prewarm {id} refreshes what it covers. 'cdn prewarm status {id}' follows it."
                : $"Nothing is refreshed ahead of visitors: {PlainText.Of(refresh.Note ?? "")}");
        }

        if (!waited)
        {
            if (!json)
            {
                host.Out.WriteLine($"Purge {reply.Id} is accepted and on its way. Add --wait to see it arrive.");
            }

            return ExitCode.Done;
        }

        if (reply.State == PurgeState.Done)
        {
            if (!json)
            {
                int edges = reply.Pops.Sum(p => p.Edges.Length);
                double? slowest = reply.Pops.SelectMany(p => p.Edges).Max(e => e.Milliseconds);
                host.Out.WriteLine($"Purge {reply.Id} holds at {reply.Pops.Length} PoPs, {edges} edges"
                    + (slowest is null ? "." : FormattableString.Invariant($", the last after {slowest:0} ms.")));
            }

            return ExitCode.Done;
        }

        host.Error.WriteLine($"cdn: purge {reply.Id} is durable but not yet acknowledged by {string.Join(", ", missing)}");
        host.Error.WriteLine("Edges that cannot be reached apply it before they serve what they kept. See 'cdn status'.");
        return ExitCode.Partial;
    }

    private static IEnumerable<string> Missing(PurgeReply reply) =>
        from pop in reply.Pops
        from edge in pop.Edges
        where !edge.Acknowledged
        select $"{pop.Pop}/{edge.Edge} ({(edge.Connected ? "slow" : "not connected")})";
}
