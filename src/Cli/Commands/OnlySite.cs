using System.Collections.Immutable;
using OrleansCdn.Cli.Api;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Cli.Commands;

/// <summary>Where <c>--site</c> is left out.</summary>
internal static class OnlySite
{
    /// <exception cref="CommandFailure">There is none, or more than one.</exception>
    public static async Task<string> FindAsync(ApiClient client, CancellationToken cancellationToken)
    {
        ConfigVersionReply config = await client.ConfigAsync(null, cancellationToken);
        ImmutableArray<SiteConfig> sites = ConfigReader.Read(config.Yaml).Config?.Sites ?? [];
        return sites switch
        {
            [SiteConfig only] => only.Id,
            [] => throw new CommandFailure(ExitCode.Usage, "cannot tell which site is meant", "Give --site."),
            _ => throw new CommandFailure(
                ExitCode.Usage, "there is more than one site", "Give --site, one of: " + string.Join(", ", sites.Select(s => s.Id))),
        };
    }
}
