using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Desired;

internal enum DesiredVerdict
{
    /// <summary>It takes the other one's place.</summary>
    Newer,

    /// <summary>Nothing in it is new.</summary>
    Same,

    /// <summary>From before: an older state never replaces a newer one.</summary>
    Older,
}

/// <summary>Which of two desired states counts: the rule of <see cref="DesiredAnnouncements"/>.</summary>
internal static class DesiredOrder
{
    public static DesiredVerdict Compare(DesiredAnnouncements? current, DesiredAnnouncements next)
    {
        if (current is null || current.Epoch != next.Epoch)
        {
            return DesiredVerdict.Newer;
        }

        if (next.ConfigVersion < current.ConfigVersion)
        {
            return DesiredVerdict.Older;
        }

        // An upstream that is gone is no older revision: the config's version says that it went.
        Dictionary<string, long> known = current.Upstreams.ToDictionary(u => u.Id, u => u.Revision, StringComparer.Ordinal);
        bool isNewer = next.ConfigVersion > current.ConfigVersion || next.Upstreams.Length != current.Upstreams.Length;
        foreach (DesiredUpstream upstream in next.Upstreams)
        {
            bool isKnown = known.TryGetValue(upstream.Id, out long revision);
            if (isKnown && upstream.Revision < revision)
            {
                return DesiredVerdict.Older;
            }

            isNewer |= !isKnown || upstream.Revision > revision;
        }

        return isNewer ? DesiredVerdict.Newer : DesiredVerdict.Same;
    }
}
