using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains;

/// <summary>The keys of one zone, with their history. Key: the zone's name.</summary>
[Alias("OrleansCdn.IDnsKeysGrain")]
public interface IDnsKeysGrain : IGrainWithStringKey
{
    /// <summary>Takes steps whose time has come. What it returns is durable. Only for <see cref="IDnsDeskGrain"/>, which knows the edges.</summary>
    [Alias("Sync")]
    Task<ZoneKeysView> SyncAsync(ZoneKeysSync sync, CancellationToken cancellationToken);

    /// <summary>Durable when it returns; edges hear of it through the desk.</summary>
    [Alias("Change")]
    Task<DnsKeyOutcome> ChangeAsync(DnsKeyOrder order, CancellationToken cancellationToken);

    [Alias("View")]
    [AlwaysInterleave]
    Task<DnsKeysReply> ViewAsync(CancellationToken cancellationToken);
}

/// <summary>Puts together what the nameservers of the fleet keep to themselves, and knows which of them have it. Key: <see cref="GrainKeys.Cluster"/>.</summary>
[Alias("OrleansCdn.IDnsDeskGrain")]
public interface IDnsDeskGrain : IGrainWithStringKey
{
    /// <summary>Looks at keys, cookies and edges; called every second by each silo.</summary>
    [Alias("Wake")]
    Task WakeAsync(CancellationToken cancellationToken);

    /// <summary>The secrets, with the keys of all zones that this config, or a newer one, wants signed; null: the caller has them already, or there are none.</summary>
    [Alias("Secrets")]
    Task<DnsSecrets?> SecretsAsync(DnsAsk ask, CancellationToken cancellationToken);

    /// <summary>Null: no config names such a zone, and none did.</summary>
    [Alias("Change")]
    Task<DnsKeyOutcome?> ChangeAsync(string zone, DnsKeyOrder order, CancellationToken cancellationToken);

    /// <summary>Null: no config names such a zone, and none did.</summary>
    [Alias("View")]
    Task<DnsKeysReply?> ViewAsync(string zone, CancellationToken cancellationToken);

    /// <summary>Zones that have keys.</summary>
    [Alias("Zones")]
    [AlwaysInterleave]
    Task<System.Collections.Immutable.ImmutableArray<string>> ZonesAsync(CancellationToken cancellationToken);
}
