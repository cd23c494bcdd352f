using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansCdn.Contracts.Api;
using static OrleansCdn.Edge.Http.ExplainedParts;

namespace OrleansCdn.Edge.Http;

/// <summary>
/// An explanation as one field: a dictionary (RFC 9651 §3.2) with the member <c>verdict</c> and everything else as its
/// parameters. Times are seconds. Under 2 KiB in all: servers on the way take 8 KiB for a whole header.
/// </summary>
internal static class DebugText
{
    /// <summary>Of a text from outside, before escapes.</summary>
    private const int MaxTextLength = 200;

    private const int MaxTags = 8;

    public static string Of(Explanation explanation)
    {
        var text = new StringBuilder("verdict=").Append(Token(explanation.Verdict));
        if (explanation.Key is { } key)
        {
            Quoted(text, "key", $"{key.Scheme}://{key.Authority}{key.Target}");
        }

        Number(text, "rule", explanation.Rule?.Number);
        Number(text, "variants", explanation.VariantCount);
        if (explanation.Variants.FirstOrDefault(variant => variant.IsSelected) is { } stored)
        {
            Write(text, stored);
        }

        Number(text, "fills", explanation.Fills == 0 ? null : explanation.Fills);
        Number(text, "purges", explanation.PurgesApplied);
        Number(text, "config", explanation.ConfigVersion);
        if (explanation.CutOff is { } cutOff)
        {
            text.Append("; cut-off=").Append(Token(cutOff.Policy));
            Number(text, "cut-off-for", cutOff.Seconds);
        }

        if (explanation.NotStored is { } last)
        {
            text.Append("; not-stored=").Append(last.Reason);
            Number(text, "not-stored-ago", last.SecondsAgo);
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, ExplainedVariant stored)
    {
        Number(text, "status", stored.Status);
        Number(text, "response-rule", stored.Rule?.Number);
        Quoted(text, "etag", stored.ETag);
        Quoted(text, "last-modified", stored.LastModified);
        Number(text, "age", stored.AgeSeconds);
        Number(text, "lifetime", stored.LifetimeSeconds);
        text.Append("; lifetime-from=").Append(Token(stored.LifetimeSource));
        Number(text, "ttl", stored.TtlSeconds);
        Number(text, "bytes", stored.BodyBytes);
        Number(text, "soft-purged-ago", stored.SoftPurgedSecondsAgo);
        Number(text, "purge-stamp", stored.PurgeStamp);
        if (stored.Purge is { } purge)
        {
            Number(text, purge.Soft ? "soft-purge" : "purge", purge.Sequence);
        }

        Quoted(text, "tags", stored.TagCount == 0 ? null : string.Join(' ', stored.Tags.Take(MaxTags)));
        Number(text, "tag-count", stored.TagCount == 0 ? null : stored.TagCount);
        Quoted(text, "groups", stored.GroupCount == 0 ? null : string.Join(", ", stored.Groups.Take(MaxTags)));
        Number(text, "group-count", stored.GroupCount == 0 ? null : stored.GroupCount);
    }

    private static string Token<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static void Number(StringBuilder text, string name, double? value)
    {
        if (value is { } number)
        {
            text.Append(CultureInfo.InvariantCulture, $"; {name}={number:0.###}");
        }
    }

    /// <summary>A string (RFC 9651 §3.3.3); what cannot stand in one is shown as a question mark.</summary>
    private static void Quoted(StringBuilder text, string name, string? value)
    {
        if (value is null)
        {
            return;
        }

        text.Append("; ").Append(name).Append("=\"");
        foreach (char c in Cut(value, MaxTextLength))
        {
            if (c is '"' or '\\')
            {
                text.Append('\\');
            }

            text.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        text.Append('"');
    }
}
