using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api.Failover;

/// <summary>How the servers of a PoP that announce stand, by what their announcers reported last.</summary>
internal sealed class FailoverAsker(IGrainFactory grains, TimeProvider time)
{
    /// <summary>In the order of the config; empty: nobody announces there.</summary>
    public async Task<ImmutableArray<FailoverServer>> AskAsync(PopConfig pop, CancellationToken cancellationToken)
    {
        string[] servers = [.. pop.Edges.Select(edge => edge.Name).Where(pop.Holds)];
        if (servers.Length == 0)
        {
            return [];
        }

        // Shown as not connected when the PoP does not answer, which is what this silo knows.
        ImmutableArray<AnnouncerState> announcers = (await grains.GetGrain<IPopRoutesGrain>(pop.Id).ViewAsync(cancellationToken).OrNullAsync(time, cancellationToken))?.Announcers ?? [];
        return [.. servers.Select(server => Of(server, announcers.FirstOrDefault(announcer => announcer.Edge == server)))];
    }

    private static FailoverServer Of(string server, AnnouncerState? announcer) => new()
    {
        Server = server,
        Connected = announcer?.Connected == true,
        LastSeen = announcer?.LastSeen,
        Status = announcer?.Failover,
    };
}
