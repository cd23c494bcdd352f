using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>Every purge and every unsafe method of an episode, and what they cover, by going through all of them.</summary>
internal sealed class PurgeLog
{
    private readonly List<(long Applied, PurgeKind Kind, string Value, string Site, bool Soft, double At)> _purges = [];
    private readonly List<(int Tick, ModelKey Key)> _changes = [];

    /// <param name="applied">The edge's count right after it was applied.</param>
    public void Add(long applied, PurgeKind kind, string value, string site, bool soft, double at) =>
        _purges.Add((applied, kind, value, site, soft, at));

    /// <summary>A resource was changed by an unsafe method (RFC 9111 §4.4).</summary>
    public void AddChange(int tick, ModelKey key) => _changes.Add((tick, key));

    /// <summary>Whether a hard purge after <paramref name="since"/>, up to <paramref name="until"/>, covers it.</summary>
    public bool IsHardPurged(ModelKey key, OriginPolicy policy, long since, long until = long.MaxValue) =>
        _purges.Any(p => !p.Soft && p.Applied > since && p.Applied <= until && Covers(p.Kind, p.Value, p.Site, key, policy));

    /// <summary>When the first soft purge after <paramref name="since"/> was; null: there was none.</summary>
    public double? SoftPurgedAt(ModelKey key, OriginPolicy policy, long since)
    {
        foreach (var p in _purges)
        {
            if (p.Soft && p.Applied > since && Covers(p.Kind, p.Value, p.Site, key, policy))
            {
                return p.At;
            }
        }

        return null;
    }

    public bool IsChanged(ModelKey key, int since, int until) => _changes.Any(c => c.Key == key && c.Tick > since && c.Tick <= until);

    private static bool Covers(PurgeKind kind, string value, string site, ModelKey key, OriginPolicy policy) => site == key.Site && kind switch
    {
        PurgeKind.Url => value == key.Url,
        PurgeKind.Tag => policy.Tags.Contains(value),
        PurgeKind.Site => true,
        PurgeKind.Prefix => (key.Host + key.Target).StartsWith(value, StringComparison.Ordinal),
        PurgeKind.Host => value == key.Host,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
