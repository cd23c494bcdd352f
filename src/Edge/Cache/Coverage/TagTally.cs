using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Edge.Cache.Coverage;

/// <summary>How often each tag of a site is used, while somebody asks for it: no edge keeps such a table.</summary>
internal sealed class TagTally
{
    /// <summary>Different tags that are counted, some 20 MB for one answer.</summary>
    internal const int MaxTags = 100_000;

    /// <summary>Of all counted tags together: what is read from disk for this is held by nobody else.</summary>
    private const int MaxChars = 8 * 1024 * 1024;

    private readonly Dictionary<string, (long Memory, long Disk)> _uses = new(StringComparer.Ordinal);
    private int _chars;

    public int Count => _uses.Count;

    /// <summary>There were more than are counted.</summary>
    public bool IsFull { get; private set; }

    public void Add(string[] tags, bool isOnDisk)
    {
        foreach (string tag in tags)
        {
            // Groups and what a response says of its query are in the same list, but no tags.
            if (tag.Length == 0 || tag[0] < ' ')
            {
                continue;
            }

            if (!_uses.TryGetValue(tag, out (long Memory, long Disk) use))
            {
                if (_uses.Count == MaxTags || _chars + tag.Length > MaxChars)
                {
                    IsFull = true;
                    continue;
                }

                _chars += tag.Length;
            }

            _uses[tag] = isOnDisk ? (use.Memory, use.Disk + 1) : (use.Memory + 1, use.Disk);
        }
    }

    public ImmutableArray<TagUse> Top() =>
    [
        .. _uses.OrderByDescending(u => Math.Max(u.Value.Memory, u.Value.Disk)).ThenBy(u => u.Key, StringComparer.Ordinal)
            .Take(Contracts.Api.Coverage.MaxTags).Select(u => new TagUse(CoverageTally.Cut(u.Key), u.Value.Memory, u.Value.Disk)),
    ];
}
