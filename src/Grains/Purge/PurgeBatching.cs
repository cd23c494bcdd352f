using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Purge;

/// <summary>Cuts entries into messages.</summary>
internal static class PurgeBatching
{
    /// <summary>
    /// Characters of values in one message. JSON may write one as six bytes (<c>\u003C</c>), so a line stays below
    /// <see cref="FeedProtocol.MaxSiloLineBytes"/> with room for the longest single value.
    /// </summary>
    public const int MaxValueChars = 1024 * 1024;

    /// <summary>As many of the first entries as one message holds; at least one of a list that is not empty.</summary>
    public static ImmutableArray<PurgeEntry> Take(ReadOnlySpan<PurgeEntry> entries)
    {
        int count = 0;
        int chars = 0;
        while (count < entries.Length && count < FeedProtocol.MaxPurgesPerMessage)
        {
            chars += entries[count].Value.Length;
            if (count > 0 && chars > MaxValueChars)
            {
                break;
            }

            count++;
        }

        return [.. entries[..count]];
    }
}
