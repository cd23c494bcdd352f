using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains;

/// <summary>Times that grains and those who call them agree on.</summary>
public static class GrainLimits
{
    /// <summary>Longest long poll of a grain: well below the 30 s after which Orleans gives a call up.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    /// <summary>How often a PoP compares itself with config, log and directory: what a push that got lost costs at most.</summary>
    public static readonly TimeSpan SyncInterval = TimeSpan.FromSeconds(2);

    /// <summary>How long a PoP is pushed to after its last sync: several lost syncs, and no longer than an edge counts as connected.</summary>
    public static readonly TimeSpan SubscriptionAge = FeedProtocol.SilenceLimit;

    /// <summary>PoPs that are pushed to. The network that this is made for has three to twenty.</summary>
    public const int MaxPops = 256;
}
