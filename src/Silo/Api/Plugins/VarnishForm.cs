using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Api.Plugins;

/// <summary>A request with the method PURGE, PURGEKEYS or BAN, as plug-ins send it to a Varnish, brought into the API's terms.</summary>
/// <param name="Host">Whose site it is; no port.</param>
/// <param name="Kind">Url, Tag, Prefix or Host.</param>
/// <param name="Values">As in a purge request.</param>
/// <param name="Soft">Stale instead of gone.</param>
internal sealed record VarnishForm(string Host, PurgeKind Kind, ImmutableArray<string> Values, bool Soft)
{
    private const string Ban = "BAN";

    /// <summary>Fields that list tags; <c>true</c>: what they name becomes stale only.</summary>
    private static readonly (string Name, bool Soft)[] TagFields =
    [
        ("xkey-softpurge", true), ("xkey-purge", false), ("xkey", false), ("X-Purge-Tags", false), ("Surrogate-Key", false),
        ("Cache-Tags", false), ("X-Cache-Tags", false), ("Cache-Tag", false), ("X-Magento-Tags-Pattern", false),
    ];

    public static bool IsMethod(string method) => method is "PURGE" or "PURGEKEYS" or Ban;

    /// <param name="method">One of <see cref="IsMethod"/>.</param>
    /// <param name="authority">The field <c>Host</c>, whose port counts unless it is <paramref name="ownPort"/>.</param>
    /// <param name="target">As on the request line.</param>
    /// <param name="fields">Of the request.</param>
    /// <param name="ownPort">Where this API listens: who sends the request there means the site's own port.</param>
    public static (VarnishForm? Form, string? Error) Read(string method, string authority, string target, IHeaderDictionary fields, int ownPort)
    {
        string url = target.StartsWith('/') ? $"http://{authority}{target}" : target;
        if (!PurgeUrl.TryParse(url, out PurgeUrl parsed, out string? error))
        {
            return (null, $"Host and path make no URL: {error}.");
        }

        parsed = parsed.Port == ownPort ? parsed with { Port = null } : parsed;
        bool soft = fields["Fastly-Soft-Purge"] == "1" || SoftFields().Any();
        if (SoftFields().Any() && TagFields.Any(f => !f.Soft && fields[f.Name].Count > 0))
        {
            return (null, "Tags to purge and tags to purge softly come in two requests.");
        }

        var tags = new List<string>();
        foreach ((string name, _) in TagFields)
        {
            if (fields[name] is not { Count: > 0 } field)
            {
                continue;
            }

            if (field.ToString() == TagTexts.Everything)
            {
                return (new VarnishForm(parsed.Host, PurgeKind.Host, [parsed.Host], soft), null);
            }

            (ImmutableArray<string> some, error) = TagTexts.Read(name, string.Join(' ', (IEnumerable<string?>)field));
            if (error is not null)
            {
                return (null, error);
            }

            tags.AddRange(some);
        }

        // A list that came out empty must not become a purge of everything under the path.
        return TagFields.FirstOrDefault(f => fields[f.Name].Count > 0) is { Name: { } empty } && tags.Count == 0 ? (null, $"'{empty}' names no tag.")
            : tags.Count > 0 ? (new VarnishForm(parsed.Host, PurgeKind.Tag, [.. tags], soft), null)
            : method == "PURGEKEYS" ? (null, "PURGEKEYS needs tags in 'xkey-purge' or 'xkey-softpurge'.")
            : ByPath(method, parsed, fields, soft);

        IEnumerable<string> SoftFields() => TagFields.Where(f => f.Soft && fields[f.Name].Count > 0).Select(f => f.Name);
    }

    private static (VarnishForm? Form, string? Error) ByPath(string method, PurgeUrl url, IHeaderDictionary fields, bool soft)
    {
        string how = fields["X-Purge-Method"].ToString();
        if (how is not ("" or "default" or "exact" or "regex"))
        {
            return (null, "'X-Purge-Method' is one of default, exact and regex.");
        }

        if (method != Ban && how != "regex" && !url.Target.EndsWith("/*", StringComparison.Ordinal))
        {
            return (new VarnishForm(url.Host, PurgeKind.Url, [url.ToString()], soft), null);
        }

        // BAN as Symfony's and others' cache managers send it: expressions in fields of their own.
        StringValues host = fields["X-Host"];
        StringValues type = fields["X-Content-Type"];
        if ((host.Count > 0 && host != TagTexts.Everything && !string.Equals(host, url.Host, StringComparison.OrdinalIgnoreCase))
            || (type.Count > 0 && type != TagTexts.Everything))
        {
            return (null, $"'X-Host' has to be '{url.Host}' or '.*', and 'X-Content-Type' '.*': nothing is purged across hosts or by type. Purge by tag instead.");
        }

        string pattern = fields["X-Url"] is { Count: 1 } own ? own.ToString()
            : url.Target.EndsWith("/*", StringComparison.Ordinal) ? url.Target[..^1] + ".*" : url.Target;
        (string path, bool isPrefix, string? error) = UrlPattern.Read(pattern);
        return error is not null ? (null, error)
            : !isPrefix ? (new VarnishForm(url.Host, PurgeKind.Url, [(url with { Target = path }).ToString()], soft), null)
            : path == "/" ? (new VarnishForm(url.Host, PurgeKind.Host, [url.Host], soft), null)
            : (new VarnishForm(url.Host, PurgeKind.Prefix, [(url with { Target = path }).AuthorityAndTarget], soft), null);
    }
}
