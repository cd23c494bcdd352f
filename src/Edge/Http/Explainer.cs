using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Rules;
using static OrleansCdn.Edge.Http.ExplainedParts;

namespace OrleansCdn.Edge.Http;

/// <summary>
/// Says what <see cref="RequestPipeline"/> would do with a request, and why. It takes the same decisions by the same
/// functions, and changes nothing: no counter, no eviction order, no fetch.
/// </summary>
public sealed class Explainer
{
    /// <summary>Of <see cref="ExplainedKey.Target"/>.</summary>
    private const int MaxTargetLength = 2048;

    private readonly EdgeState _state;
    private readonly MemoryStore _store;
    private readonly HitForMissTable _hitForMiss;
    private readonly SearchVariances _searches;
    private readonly DiskStore? _disk;
    private readonly DiskExplainer? _onDisk;
    private readonly OriginBook _origins;
    private readonly TimeProvider _time;

    /// <param name="reader">Of <paramref name="disk"/>; both or none.</param>
    internal Explainer(
        EdgeState state, MemoryStore store, HitForMissTable hitForMiss, SearchVariances searches, DiskStore? disk, DiskReader? reader,
        OriginBook origins, TimeProvider time)
    {
        (_state, _store, _hitForMiss, _searches, _disk, _origins, _time) = (state, store, hitForMiss, searches, disk, origins, time);
        _onDisk = disk is null || reader is null ? null : new DiskExplainer(disk, reader, state.Purges, time);
    }

    /// <summary>Answers for whatever arrives; never throws for it. At once where the disk has not to be asked.</summary>
    public async Task<Explanation> ExplainAsync(ExplainQuestion question)
    {
        if (_state.Snapshot is not { } snapshot)
        {
            return Answer(ExplainVerdict.NotReady, "this edge has no config yet");
        }

        if (!PurgeUrl.TryParse(question.Url, out PurgeUrl url, out string? error))
        {
            return Answer(ExplainVerdict.Malformed, error);
        }

        if (HttpMethods.IsConnect(question.Method) || HttpMethods.IsTrace(question.Method))
        {
            return Answer(ExplainVerdict.Malformed, $"{question.Method} is not served");
        }

        if (HttpMethods.GetCanonicalizedValue(question.Method) != question.Method)
        {
            return Answer(ExplainVerdict.Malformed, "a method is written in capital letters: such requests get 501");
        }

        string authority = url.AuthorityAndTarget[..^url.Target.Length];
        if (snapshot.FindSite(url.Host) is not { } rules)
        {
            return Answer(ExplainVerdict.NoSite, $"no site of config version {snapshot.Version} has the host '{Cut(url.Host)}': such requests get 421");
        }

        var headers = new HeaderDictionary();
        foreach (HeaderField field in question.Headers.Where(f => f.Name.Length > 0))
        {
            headers.Append(field.Name, field.Value);
        }

        var target = new RequestTarget(authority, url.Host.Length, url.Target);
        Explanation answer = Explain(question.Method, rules, url.Scheme == "https", target, headers, out CacheKey key);
        if (_onDisk is not null)
        {
            answer = await _onDisk.AddAsync(answer, key, rules, headers, _state.ConfirmBefore(rules, _time.MonotonicSeconds())).ConfigureAwait(false);
        }

        return ExplanationSize.Fit(answer);
    }

    /// <summary>For a request that was admitted: what memory has; the disk is not read.</summary>
    public Explanation Explain(string method, SiteRules rules, bool isHttps, RequestTarget target, IHeaderDictionary headers) =>
        Explain(method, rules, isHttps, target, headers, out _);

    private Explanation Explain(string method, SiteRules rules, bool isHttps, RequestTarget target, IHeaderDictionary headers, out CacheKey key)
    {
        bool isRead = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        RequestRule rule = isRead ? rules.Cache.ForRequest(target.Path) : RequestRule.None;
        bool isBypassed = rule.Bypasses(headers);
        string path = isBypassed ? target.PathAndQuery : rule.TargetOf(target.PathAndQuery);
        key = new CacheKey(rules.Site.Id, isHttps, target.Authority, path);

        double now = _time.MonotonicSeconds();
        double confirmBefore = _state.ConfirmBefore(rules, now);
        key = isRead && !isBypassed && rules.Site.Cache.NoVarySearch ? Simplified(key, headers, now) : key;
        StoredResponse? selected = null;
        (ExplainVerdict verdict, string? detail) =
            rules.Redirects?.Find(isHttps, target.Authority, target.HostName, target.PathAndQuery, isRead) is not null
                ? (ExplainVerdict.Redirect, "a redirect of the site answers it")
            : !isRead ? (ExplainVerdict.Uncacheable, $"{Cut(method)} goes to the origin; only GET and HEAD are answered from the cache")
            : isBypassed ? (ExplainVerdict.Bypass, rule.IsBypass
                ? "a rule of the site sends it to the origin, and nothing is stored"
                : "a cookie or field that the rule names sends it to the origin, or a value of the key that is too long")
            : ConditionalRequest.IsForOrigin(headers) ? (ExplainVerdict.Uncacheable, "If-Match and If-Unmodified-Since are the origin's to answer")
            : Judge(HttpMethods.IsHead(method), rules, key, headers, now, confirmBefore, out selected);
        _store.TryGet(key, out CachedResource? resource);
        StoredResponse[] variants = resource?.Variants ?? [];
        selected ??= resource?.Select(headers);
        return Answer(verdict, detail) with
        {
            Site = rules.Site.Id,
            Key = new ExplainedKey(isHttps ? "https" : "http", Cut(key.Authority), Cut(key.Target, MaxTargetLength), key.GlobalHash()),
            Rule = rule.Config is { } config ? Rule(rules, rules.Site.Cache.Rules.IndexOf(config)) : null,
            // The newest first, after the one that the request selects: as they are looked through.
            Variants = [.. variants.Reverse().OrderBy(v => v != selected).Select(v => Variant(v, v == selected, rules, _state.Purges, now))],
            VariantCount = variants.Length,
            CutOff = CutOff(rules, now),
            Fills = resource?.FillCount ?? 0,
            NotStored = _hitForMiss.Find(key) is { } known
                ? new ExplainedNotStored(CacheStatus.Token(known.Reason), Seconds(now - known.At), Math.Max(0, Seconds(known.Until - now)))
                : null,
        };
    }

    /// <summary>The key that the pipeline looks up first, unless what is stored there says that it answers something else.</summary>
    private CacheKey Simplified(CacheKey key, IHeaderDictionary headers, double now)
    {
        CacheKey simple = _searches.Simplify(key);
        return _hitForMiss.Contains(simple, now)
            || (_store.TryGet(simple, out CachedResource? resource) && resource.Select(headers) is { } stored
                && SearchVariance.Of(stored.Tags)?.AreEquivalent(key.Target, stored.Key.Target) != true)
            ? key : simple;
    }

    private ExplainedCutOff? CutOff(SiteRules rules, double now)
    {
        CutOffConfig site = rules.Site.WhenCutOff;
        return _state.Contact.IsCutOff(site.After.TotalSeconds, now)
            ? new ExplainedCutOff(site.Policy, site.After.TotalSeconds, _state.Contact.Silence(now) is { } silence ? Seconds(silence.TotalSeconds) : null)
            : null;
    }

    /// <summary>Steps 4 to 6 of the pipeline.</summary>
    private (ExplainVerdict Verdict, string? Detail) Judge(
        bool isHead, SiteRules rules, CacheKey key, IHeaderDictionary headers, double now, double confirmBefore, out StoredResponse? selected)
    {
        switch (Lookup.Peek(_store, _state.Purges, key, headers, now, out selected, confirmBefore))
        {
            case LookupVerdict.Fresh:
                return (ExplainVerdict.Fresh, null);
            case LookupVerdict.StaleWhileRevalidate:
                return (ExplainVerdict.StaleWhileRevalidate, "served now, and refreshed by one request");
            case LookupVerdict.Stale when Lookup.MayStandIn(selected!, now) && _origins.Of(rules.Site).AreAllSick(now):
                return (ExplainVerdict.Stale, "served as it is: every origin of the site is sick");
            case LookupVerdict.Stale when selected!.ConfirmedAt < confirmBefore:
                return (ExplainVerdict.Stale, "this edge is cut off, and the site wants what is older than that confirmed: the origin is asked first");
            case LookupVerdict.Stale:
                return (ExplainVerdict.Stale, selected!.HasValidator ? "the origin is asked whether it has changed" : "it has no validator, so the origin is asked for all of it");
            case LookupVerdict.Miss when _disk?.MayHave(key, out _) == true:
                return (ExplainVerdict.OnDisk, "not in memory; the disk has something under this key and is read first");
            default:
                break;
        }

        return isHead ? (ExplainVerdict.Miss, "HEAD goes to the origin while nothing is stored, and fills nothing")
            : _hitForMiss.Contains(key, now) ? (ExplainVerdict.HitForMiss, "the last answer could not be shared, so nobody waits for this one")
            : (ExplainVerdict.Miss, null);
    }

    private Explanation Answer(ExplainVerdict verdict, string? detail) => new()
    {
        Verdict = verdict,
        Detail = detail,
        ConfigVersion = _state.Snapshot?.Version ?? 0,
        PurgeCursor = _state.Purges.Cursor,
        PurgesApplied = _state.Purges.Applied,
    };
}
