using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Desired;

internal enum DesiredVerdict
{
    /// <summary>It takes the other one's place: nothing in it is older.</summary>
    Newer,

    /// <summary>It says the same.</summary>
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
        if (next.Upstreams.Any(u => known.TryGetValue(u.Id, out long revision) && u.Revision < revision))
        {
            return DesiredVerdict.Older;
        }

        // Each new connection brings all of it again: what says the same needs no write to the disk.
        return Octets(current).AsSpan().SequenceEqual(Octets(next)) ? DesiredVerdict.Same : DesiredVerdict.Newer;
    }

    private static byte[] Octets(DesiredAnnouncements desired) => JsonSerializer.SerializeToUtf8Bytes(desired, ContractsJson.Default.DesiredAnnouncements);
}
