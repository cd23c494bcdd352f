using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache;

/// <summary>Which purge it was, for explanations; no request takes this way.</summary>
public sealed partial class PurgeIndex
{
    /// <summary>For people: the purge behind <see cref="Check"/>'s verdict; a hard one before a soft one. Null: none.</summary>
    public ExplainedPurge? FindCovering(string site, string url, string[] tags, long stamp)
    {
        if (stamp < Volatile.Read(ref _horizon))
        {
            return new ExplainedPurge("", Soft: false, 0);
        }

        ExplainedPurge? soft = null;
        foreach ((PurgeKind kind, string value, PurgeSequences sequences) in RecordedFor(site, url, tags))
        {
            if (sequences.Hard > stamp && kind == PurgeKind.Tag && CacheGroups.IsGroup(value))
            {
                return new ExplainedPurge($"group {CacheGroups.NameOf(value)}", Soft: false, 0, kind);
            }

            if (sequences.Hard > stamp)
            {
                return new ExplainedPurge(value, Soft: false, sequences.HardLog, kind);
            }

            if (sequences.Soft > stamp)
            {
                soft = new ExplainedPurge(value, Soft: true, sequences.SoftLog, kind);
            }
        }

        return soft;
    }

    private IEnumerable<(PurgeKind Kind, string Value, PurgeSequences Sequences)> RecordedFor(string site, string url, string[] tags)
    {
        (PurgeKind Kind, string Value)[] exact = [(PurgeKind.Site, ""), (PurgeKind.Url, url), .. tags.Select(tag => (PurgeKind.Tag, tag))];
        foreach ((PurgeKind kind, string value) in exact)
        {
            if (_entries.TryGetValue((site, kind, value), out PurgeSequences sequences))
            {
                yield return (kind, value, sequences);
            }
        }

        foreach ((string purged, PurgeSequences sequences) in _search.Of(site, url, tags))
        {
            yield return (PurgeKind.Url, purged, sequences);
        }

        if (_hosts.TryGetValue(site, out HostPurges? hosts))
        {
            foreach ((PurgeKind, string, PurgeSequences) recorded in hosts.Of(url))
            {
                yield return recorded;
            }
        }
    }
}
