using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Silo.Api;

namespace OrleansCdn.Silo.Rpki;

/// <summary>Says of a change what it would announce that is RPKI-invalid. What is announced already is not a change's fault.</summary>
internal sealed class OriginGate(RoaFile roas, ConfigCache configs)
{
    /// <summary>How an operator says that it is meant.</summary>
    public const string HowToOverride = "'overrideRpki' (--override-rpki) does it all the same, and is kept in the history";

    /// <summary>False: there is nothing to ask.</summary>
    public bool HasRoas => roas.HasTable;

    /// <param name="preview">What the change would do, from a dry run.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    public async Task<ImmutableArray<string>> OfRoutesAsync(RouteChangeReply preview, CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { Config.Cluster.Asn: { } asn })
        {
            return [];
        }

        IEnumerable<IPNetwork> newly = preview.Upstreams.SelectMany(at => at.Preview.After
            .Where(route => route.Announced && !at.Preview.Before.Any(before => before.Announced && before.Prefix == route.Prefix))
            .Select(route => route.Prefix));
        return roas.Refuses(asn, newly.Distinct());
    }

    /// <param name="yaml">A config that is to be put in force; a broken one is somebody else's to refuse.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    public async Task<ImmutableArray<string>> OfConfigAsync(string yaml, CancellationToken cancellationToken)
    {
        if (ConfigReader.Read(yaml).Config is not { Cluster.Asn: { } asn } config || !config.Pops.Any(p => p.Upstreams.Any(u => u.Announce)))
        {
            return [];
        }

        ConfigSnapshot? current = await configs.CurrentAsync(cancellationToken);
        bool isSameOrigin = current?.Config.Cluster.Asn == asn && current.Config.Pops.Any(p => p.Upstreams.Any(u => u.Announce));
        return roas.Refuses(asn, config.Cluster.Prefixes.Where(prefix => !(isSameOrigin && current!.Config.Cluster.Prefixes.Contains(prefix))));
    }
}
