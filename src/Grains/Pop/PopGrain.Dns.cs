using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Pop;

/// <summary>DNS secrets go down the feeds of edges that serve DNS; what is in them is the desk's concern.</summary>
internal sealed partial class PopGrain
{
    /// <summary>How long a config waits for the keys of its zones. Without them edges answer SERVFAIL for a zone that is newly signed, until they have them.</summary>
    private static readonly TimeSpan DnsPatience = TimeSpan.FromSeconds(2);

    public Task<ImmutableArray<DnsEdgeHeld>> DnsHeldAsync(CancellationToken cancellationToken) => Task.FromResult(_members.DnsHeld());

    /// <summary>Takes what is new, with the keys for this config. Does not throw.</summary>
    private async Task SyncDnsAsync(ConfigSnapshot? config)
    {
        if (config?.Config.FindPop(_pop)?.Edges.Any(edge => edge.Dns is not null) != true)
        {
            return;
        }

        await AttemptAsync("DNS secrets", async () =>
        {
            var ask = new DnsAsk(new ConfigPosition(config.Epoch, config.Version), _mirror.Dns?.Held);
            Task<DnsSecrets?> asking = GrainFactory.GetGrain<IDnsDeskGrain>(GrainKeys.Cluster).SecretsAsync(ask, CancellationToken.None);
            if (await asking.WaitAsync(DnsPatience, time) is { } secrets && _mirror.Offer(secrets))
            {
                _news.Raise();
            }
        });
    }
}
