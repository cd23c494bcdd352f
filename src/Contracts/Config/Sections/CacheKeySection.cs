using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>The same keys stand under a site's cache and under its rules.</summary>
internal static class CacheKeySection
{
    public static readonly ScalarKey<QueryHandling> Query = ScalarKey<QueryHandling>.May(
        "query",
        Tokens.Choice(("keep", QueryHandling.Keep), ("ignore", QueryHandling.Ignore), ("drop", QueryHandling.Drop), ("only", QueryHandling.Only)),
        ConfigDefaults.Query,
        "What stays of the query, in the key and towards the origin: all, nothing, all but `query-names`, or only these.");

    public static readonly ListKey<string> QueryNames = new(
        "query-names", HttpTexts.QueryName, 0, ConfigLimits.QueryNamesPerKey, "For `query: drop` and `query: only`. Compared as they stand in the URL.");

    public static readonly ScalarKey<bool> SortQuery = ScalarKey<bool>.May(
        "sort-query", Numbers.Flag, ConfigDefaults.SortQuery, "Orders the parameters by name, in the key and towards the origin.");

    public static readonly ListKey<string> Cookies = new(
        "cookies", HttpTexts.CookieName, 0, ConfigLimits.FieldsPerKey, "Cookies whose values are part of the key. Only for those with a few short values.");

    public static readonly ListKey<string> Headers = new(
        "headers", HttpTexts.FieldName, 0, ConfigLimits.FieldsPerKey, "Request fields whose values are part of the key, as if the origin had named them in `Vary`.");

    public static readonly ScalarKey<bool> ForwardCookies = ScalarKey<bool>.May(
        "forward-cookies", Numbers.Flag, ConfigDefaults.ForwardCookies, "False: of the visitors' cookies the origin gets only those in `cookies`.");

    public static readonly KeyTable OfSite = new("sites.ID.cache.key", [Query, QueryNames, SortQuery, Cookies, Headers, ForwardCookies]);

    public static readonly KeyTable OfRule = OfSite with { Where = "sites.ID.cache.rules[].key" };

    /// <summary>Fields that the edge reads or writes itself, so that their value says nothing about what the origin would answer.</summary>
    private static readonly HashSet<string> OwnFields =
        ["host", "cookie", "authorization", "accept-encoding", "cache-control", "range", "via", "cdn-loop", "connection", "content-length", "transfer-encoding"];

    public static CacheKeyConfig Bind(MapReader keys, FileFacts facts)
    {
        Found<QueryHandling> query = keys.Read(Query);
        ImmutableArray<Found<string>> names = keys.Read(QueryNames);
        bool needsNames = query.Value is QueryHandling.Drop or QueryHandling.Only;
        if (query.Valid && keys.IsRight(QueryNames, names) && needsNames == names.IsEmpty && !keys.HasUnknownKeys)
        {
            keys.Report(needsNames ? "does not say which parameters" : "has query-names that nothing uses", "query-names with query: drop or query: only");
        }

        ImmutableArray<Found<string>> headers = keys.Read(Headers);
        foreach (Found<string> header in headers.Where(header => OwnFields.Contains(header.Value) || header.Value.StartsWith("if-", StringComparison.Ordinal)))
        {
            facts.Errors.Add(header.Node!, "is a field that this CDN handles itself and cannot be part of the key", "another field");
        }

        return new CacheKeyConfig
        {
            Query = query.Value,
            QueryNames = [.. names.Select(name => name.Value).Distinct()],
            SortQuery = keys.Read(SortQuery).Value,
            Cookies = [.. keys.Read(Cookies).Select(name => name.Value).Distinct()],
            Headers = [.. headers.Select(name => name.Value).Distinct()],
            ForwardCookies = keys.Read(ForwardCookies).Value,
        };
    }
}
