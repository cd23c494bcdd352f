using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains;

/// <summary>
/// Carries between the announcers of one PoP, those of all others and operators. It decides nothing, and what it loses is said again. In
/// memory. Key: PoP id.
/// </summary>
[Alias("OrleansCdn.IFailoverRelayGrain")]
public interface IFailoverRelayGrain : IGrainWithStringKey
{
    /// <summary>From now on this connection speaks for its announcer, and is brought what others say to it. False: the config in force has no such server.</summary>
    /// <param name="hello">Without a word.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    [Alias("Connect")]
    [AlwaysInterleave]
    Task<bool> ConnectAsync(RelayWord hello, CancellationToken cancellationToken);

    /// <summary><see cref="Contracts.Cluster.FeedVerdict.Messages"/>: on its way. Else the connection has to connect first, or is over.</summary>
    [Alias("Heard")]
    [AlwaysInterleave]
    Task<FeedVerdict> HeardAsync(RelayWord word, CancellationToken cancellationToken);

    /// <summary>Long poll: returns what others have said since, or nothing at the end of the wait.</summary>
    [Alias("Next")]
    [AlwaysInterleave]
    Task<RelayUpdate> NextAsync(RelayPosition position, CancellationToken cancellationToken);

    /// <summary>Another PoP's relay brings what its announcers say. Returns at once.</summary>
    [Alias("Take")]
    [AlwaysInterleave]
    Task TakeAsync(RelayParcel parcel, CancellationToken cancellationToken);

    /// <summary>Operators want something of the PoP's announcers. Returns at once.</summary>
    [Alias("Order")]
    [AlwaysInterleave]
    Task OrderAsync(FailoverOrders orders, CancellationToken cancellationToken);
}
