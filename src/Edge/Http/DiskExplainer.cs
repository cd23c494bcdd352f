using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>Adds to an explanation what the disk has under the key: from its index and the metadata of its records, bodies are not read.</summary>
internal sealed class DiskExplainer(DiskStore disk, DiskReader reader, PurgeIndex purges, TimeProvider time)
{
    /// <summary>A silo waits five seconds for an edge: a disk that stands still must not cost the rest of the answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<Explanation> AddAsync(Explanation answer, CacheKey key, SiteRules rules, IHeaderDictionary headers, double confirmBefore)
    {
        EdgeDisk report = disk.Report(hits: 0);
        if (report.State is not (EdgeDiskState.Open or EdgeDiskState.ReadOnly))
        {
            return answer with { DiskNote = report.State == EdgeDiskState.Opening ? $"not served yet: {report.Reason}" : $"not used: {report.Reason}" };
        }

        if (!disk.MayHave(key, out DiskKey hash))
        {
            return answer;
        }

        if (reader.TryPeek(hash, key) is not { } reading)
        {
            return answer with { DiskNote = "not read: too many requests wait for the disk" };
        }

        try
        {
            return Add(answer, await reading.WaitAsync(Patience, time).ConfigureAwait(false), rules, headers, confirmBefore);
        }
        catch (TimeoutException)
        {
            return answer with { DiskNote = string.Create(CultureInfo.InvariantCulture, $"it did not answer within {Patience.TotalSeconds:0} s") };
        }
    }

    private Explanation Add(Explanation answer, List<DiskPeek> found, SiteRules rules, IHeaderDictionary headers, double confirmBefore)
    {
        double now = time.MonotonicSeconds();
        DiskPeek? selected = answer.Verdict == ExplainVerdict.OnDisk
            ? found.Find(peek => peek.Verdict != PurgeVerdict.Hard && peek.Response.Vary.Matches(headers))
            : null;
        ImmutableArray<ExplainedVariant> onDisk =
        [
            .. found.OrderBy(peek => peek != selected).Select(peek => ExplainedParts.Variant(peek.Response, peek == selected, rules, purges, now) with
            {
                Tier = StorageTier.Disk,
                BodyBytes = peek.BodyBytes,
            }),
        ];
        return answer with
        {
            Detail = answer.Verdict == ExplainVerdict.OnDisk ? Detail(selected?.Response, now, confirmBefore) : answer.Detail,
            Variants = answer.Variants.AddRange(onDisk),
            DiskVariantCount = onDisk.Length,
        };
    }

    private static string Detail(StoredResponse? selected, double now, double confirmBefore) =>
        selected is null ? "not in memory; the disk has nothing under this key that may answer, so it is filled from upstream"
        : selected.ConfirmedAt < confirmBefore ? "not in memory; read from disk, and as this edge is cut off the origin is asked first"
        : selected.IsFresh(now) ? "not in memory; read from disk, fresh"
        : selected.HasValidator ? "not in memory; read from disk, and past its lifetime: the origin is asked whether it has changed"
        : "not in memory; read from disk, and past its lifetime";
}
