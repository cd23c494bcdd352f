using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>
/// Brings one URL into the cache as a visitor's request would: the same key, rules, lease, shield and coalescing, but no
/// answer and no visitor's hit or miss.
/// </summary>
public sealed class Prewarmer
{
    /// <summary>Of one variant. An origin that sends slower than this is not waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly EdgeState _state;
    private readonly MemoryStore _store;
    private readonly HitForMissTable _hitForMiss;
    private readonly SearchVariances _searches;
    private readonly MissHandler _misses;
    private readonly Compressor _compressor;
    private readonly DiskStore? _disk;
    private readonly DiskReader? _reader;
    private readonly TimeProvider _time;

    /// <param name="reader">Of <paramref name="disk"/>; both or none.</param>
    internal Prewarmer(
        EdgeState state, MemoryStore store, HitForMissTable hitForMiss, SearchVariances searches, MissHandler misses, Compressor compressor, DiskStore? disk, DiskReader? reader,
        TimeProvider time)
    {
        (_state, _store, _hitForMiss, _searches, _misses) = (state, store, hitForMiss, searches, misses);
        (_compressor, _disk, _reader, _time) = (compressor, disk, reader, time);
    }

    /// <summary>How one variant came out.</summary>
    /// <param name="Response">What is stored now; null: nothing.</param>
    /// <param name="Fill">Null: nothing was fetched for it.</param>
    /// <param name="IsInMemory">The response is, with its body.</param>
    private readonly record struct Variant(
        PrewarmOutcome Outcome, string? Reason, StoredResponse? Response, FillResult? Fill, double Milliseconds, bool IsInMemory = false);

    /// <summary>All variants, one after the other. Whatever the task is, the outcome is a result.</summary>
    public async Task<PrewarmResult> RunAsync(PrewarmBatch batch, PrewarmTask task, CancellationToken cancellationToken)
    {
        var result = new PrewarmResult { Task = task.Id, Outcome = PrewarmOutcome.Fresh };
        foreach (PrewarmEncoding encoding in batch.Encodings)
        {
            Variant variant = await RunAsync(batch, task, encoding, cancellationToken).ConfigureAwait(false);
            result = Add(result, variant);
            if (result.Outcome is not (PrewarmOutcome.Stored or PrewarmOutcome.Fresh)
                || variant.Response?.Vary.Names.Contains("accept-encoding") != true)
            {
                break;
            }
        }

        return result;
    }

    private async Task<Variant> RunAsync(PrewarmBatch batch, PrewarmTask task, PrewarmEncoding encoding, CancellationToken cancellationToken)
    {
        if (_state.Snapshot is not { } snapshot)
        {
            return Failed("no-config");
        }

        if (!PurgeUrl.TryParse(task.Url, out PurgeUrl url, out _))
        {
            return Failed("bad-target");
        }

        if (snapshot.FindSite(url.Host) is not { } rules || rules.Site.Id != batch.Site)
        {
            return Failed("unknown-host");
        }

        bool isHttps = url.Scheme == "https";
        string authority = url.AuthorityAndTarget[..^url.Target.Length];
        var target = new RequestTarget(authority, url.Host.Length, url.Target);
        if (rules.Redirects?.Find(isHttps, authority, target.HostName, url.Target, isRead: true) is not null)
        {
            return NotStored("redirect");
        }

        RequestRule rule = rules.Cache.ForRequest(target.Path);
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        context.Request.Protocol = HttpProtocol.Http11;
        context.Request.Headers.Host = authority;
        context.Request.Headers.Accept = "*/*";
        context.Request.Headers.UserAgent = "OrleansCdn-prewarm";
        if (Text(encoding) is { } accepted)
        {
            context.Request.Headers.AcceptEncoding = accepted;
        }

        if (rule.IsBypass || rule.Bypasses(context.Request.Headers))
        {
            return NotStored(CacheStatus.Token(NotStoredReason.Bypass));
        }

        var request = new CacheRequest
        {
            Context = context,
            Role = ListenerRole.Public,
            Snapshot = snapshot,
            Rules = rules,
            Key = new CacheKey(rules.Site.Id, isHttps, authority, rule.TargetOf(url.Target)),
            Rule = rule,
            Holder = task.From,
        };
        request = rules.Site.Cache.NoVarySearch ? request.Simplified(_searches, _hitForMiss, _time.MonotonicSeconds()) : request;
        Variant variant = await FillAsync(request, cancellationToken).ConfigureAwait(false);
        if (variant is { Response: { } kept, IsInMemory: true })
        {
            await CompressAsync(kept, rules, batch.Encodings, cancellationToken).ConfigureAwait(false);
        }

        return variant;
    }

    /// <summary>What this edge compresses itself is there for the first visitor who wants it.</summary>
    private async Task CompressAsync(StoredResponse kept, SiteRules rules, ImmutableArray<PrewarmEncoding> encodings, CancellationToken cancellationToken)
    {
        if (rules.Compression is not { } compression || !kept.ViewUnder(rules, _state.Pop).IsCompressible
            || kept.Body.State != BodyState.Complete || !compression.IsWorthwhile(kept.Body.Length))
        {
            return;
        }

        foreach (ContentCoding coding in encodings.Select(encoding => AcceptEncoding.Preferred(Text(encoding))).Distinct())
        {
            if (coding != ContentCoding.Identity && kept.Codings[coding] is null)
            {
                await _compressor.MakeAsync(kept, coding, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<Variant> FillAsync(CacheRequest request, CancellationToken cancellationToken)
    {
        LookupVerdict verdict = Find(ref request, out StoredResponse? stored);
        if (verdict == LookupVerdict.Miss && _disk is not null && _disk.MayHave(request.Key, out DiskKey hash))
        {
            DiskFound found = await _reader!.FindAsync(hash, request.Key, request.Headers).ConfigureAwait(false);
            using DiskRecord? record = found.Record;
            if (record is not null && request.Accepts(found.Response!))
            {
                return new Variant(PrewarmOutcome.Fresh, null, found.Response, null, 0);
            }

            verdict = Find(ref request, out stored);
        }

        if (verdict == LookupVerdict.Fresh)
        {
            return Kept(new Variant(PrewarmOutcome.Fresh, null, stored, null, 0));
        }

        long started = _time.GetTimestamp();
        using var patience = new CancellationTokenSource(Patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        FillResult? fill;
        try
        {
            fill = await _misses.WarmAsync(request, stored, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Failed("too-slow") with { Fill = new FillResult { Verdict = FillVerdict.Failed, Failure = UpstreamFailure.FirstByteTimeout } };
        }

        double milliseconds = _time.GetElapsedTime(started).TotalMilliseconds;
        if (fill?.Verdict == FillVerdict.Failed)
        {
            string reason = fill.Failure.Token() + (fill.UpstreamStatus == 0 ? "" : $" {fill.UpstreamStatus}");
            return new Variant(PrewarmOutcome.Failed, reason, null, fill, milliseconds);
        }

        Find(ref request, out stored);
        if (stored is not null && fill?.FromPeer == true && stored.Storage.Lifetime > 0 && !stored.IsFresh(_time.MonotonicSeconds()))
        {
            // A shield that has it stale gives that and asks the origin behind: the next try finds what came.
            return new Variant(PrewarmOutcome.Failed, "stale", null, fill, milliseconds);
        }

        if (stored is not null && (fill?.Response is null || ReferenceEquals(stored, fill.Response) || stored.IsFresh(_time.MonotonicSeconds())))
        {
            return Kept(new Variant(fill is null ? PrewarmOutcome.Fresh : PrewarmOutcome.Stored, null, stored, fill, milliseconds));
        }

        NotStoredReason why = fill is { NotStored: not NotStoredReason.None } ? fill.NotStored
            : _hitForMiss.Find(request.Key)?.Reason ?? NotStoredReason.Incomplete;
        bool isFailure = why is NotStoredReason.Incomplete or NotStoredReason.Purged or NotStoredReason.OriginError or NotStoredReason.Slow;
        return new Variant(isFailure ? PrewarmOutcome.Failed : PrewarmOutcome.NotStored, CacheStatus.Token(why), null, fill, milliseconds);
    }

    private LookupVerdict Find(ref CacheRequest request, out StoredResponse? stored)
    {
        LookupVerdict verdict = Lookup.Find(_store, _state.Purges, request.Key, request.Headers, _time.MonotonicSeconds(), out stored);
        if (stored is null || request.Accepts(stored))
        {
            return verdict;
        }

        request = request.AsPresented();
        return Lookup.Find(_store, _state.Purges, request.Key, request.Headers, _time.MonotonicSeconds(), out stored);
    }

    private static PrewarmResult Add(PrewarmResult sum, Variant variant)
    {
        bool isFetched = variant.Fill is not null;
        bool isPeers = isFetched && variant.Fill!.FromPeer && variant.Response?.Source?.From != FilledFrom.Shield;
        return sum with
        {
            Outcome = variant.Outcome == PrewarmOutcome.Fresh ? sum.Outcome : variant.Outcome,
            Reason = variant.Reason is { Length: > PrewarmResult.MaxReasonLength } ? variant.Reason[..PrewarmResult.MaxReasonLength] : variant.Reason,
            Bytes = sum.Bytes + (isFetched ? variant.Fill!.Response?.Body.Length ?? 0 : 0),
            Milliseconds = Math.Max(sum.Milliseconds, Math.Round(variant.Milliseconds, 1)),
            OriginFetches = sum.OriginFetches + (isFetched && !isPeers ? 1 : 0),
            PeerFetches = sum.PeerFetches + (isPeers ? 1 : 0),
            IsOriginTrouble = variant.Fill is { Verdict: FillVerdict.Failed, Failure: not UpstreamFailure.PeerHasNone }
                or { UpstreamStatus: StatusCodes.Status429TooManyRequests or >= StatusCodes.Status500InternalServerError },
        };
    }

    /// <summary>An error that its origin lets caches keep is no success all the same.</summary>
    private static Variant Kept(Variant variant) => variant.Response!.Status < StatusCodes.Status500InternalServerError
        ? variant with { IsInMemory = true }
        : variant with { Outcome = PrewarmOutcome.Failed, Reason = $"{UpstreamFailure.ErrorStatus.Token()} {variant.Response.Status}" };

    private static Variant Failed(string reason) => new(PrewarmOutcome.Failed, reason, null, null, 0);

    private static Variant NotStored(string reason) => new(PrewarmOutcome.NotStored, reason, null, null, 0);

    private static string? Text(PrewarmEncoding encoding) => encoding switch
    {
        PrewarmEncoding.Gzip => "gzip",
        PrewarmEncoding.Brotli => "gzip, br",
        PrewarmEncoding.Zstd => "gzip, br, zstd",
        _ => null,
    };
}
