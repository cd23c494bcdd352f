using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache.Disk;

namespace OrleansCdn.Edge.Cache;

/// <content>Purged URLs under a config that stores them elsewhere.</content>
public sealed partial class PurgeIndex
{
    /// <summary>
    /// Purges what is remembered of URLs also where another config stores their answers, with the numbers that they had: what was
    /// stored since stays. So a purge holds also when it was applied before the config that it was meant for.
    /// </summary>
    /// <param name="storedUrl">As with <see cref="Apply"/>.</param>
    internal void Rekey(Func<PurgeEntry, string?> storedUrl)
    {
        lock (_write)
        {
            List<NumberedPurge> found = FindElsewhere(storedUrl);
            if (found.Count == 0)
            {
                return;
            }

            // One more than all before: what was compared already is compared again.
            long applied = _applied + 1;
            foreach (NumberedPurge[] some in found.Chunk(JournalFrame.MaxEntries))
            {
                WriteAhead([.. some], _logSequence, applied);
            }

            foreach (NumberedPurge purge in found)
            {
                Record(purge.Entry, purge.Number);
            }

            Volatile.Write(ref _applied, applied);
        }

        Changed?.Invoke();
    }

    /// <summary>The newest purge of each kind for each URL that is not known under it yet.</summary>
    private List<NumberedPurge> FindElsewhere(Func<PurgeEntry, string?> storedUrl)
    {
        Dictionary<(string Site, string Url, bool Soft), NumberedPurge> found = [];
        foreach (((string site, PurgeKind kind, string value), PurgeSequences sequences) in _entries)
        {
            var entry = new PurgeEntry { Sequence = sequences.HardLog, Site = site, Kind = kind, Value = value, Soft = false };
            if (kind != PurgeKind.Url || storedUrl(entry) is not { } url)
            {
                continue;
            }

            PurgeSequences known = _entries.GetValueOrDefault((site, PurgeKind.Url, url));
            Keep(entry with { Value = url }, sequences.Hard, known.Hard);
            Keep(entry with { Value = url, Soft = true, Sequence = sequences.SoftLog }, sequences.Soft, known.Soft);
        }

        return [.. found.Values.OrderBy(p => p.Number)];

        void Keep(PurgeEntry entry, long number, long known)
        {
            (string, string, bool) key = (entry.Site, entry.Value, entry.Soft);
            if (number > known && (!found.TryGetValue(key, out NumberedPurge other) || number > other.Number))
            {
                found[key] = new NumberedPurge(entry, number);
            }
        }
    }
}
