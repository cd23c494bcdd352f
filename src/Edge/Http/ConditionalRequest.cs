using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Http;

/// <summary>RFC 9110 §13: conditions that a cache evaluates against what it has.</summary>
public static class ConditionalRequest
{
    /// <summary>Preconditions on the origin's own state: only the origin can answer them.</summary>
    public static bool IsForOrigin(IHeaderDictionary request) =>
        request.IfMatch.Count > 0 || request.IfUnmodifiedSince.Count > 0;

    /// <summary>Whether 304 is the answer: <c>If-None-Match</c> first, <c>If-Modified-Since</c> only without it (§13.2.2).</summary>
    /// <param name="time">Asked only for a date.</param>
    public static bool IsNotModified(IHeaderDictionary request, StoredResponse response, TimeProvider time)
    {
        if (response.Status != StatusCodes.Status200OK)
        {
            return false;
        }

        StringValues noneMatch = request.IfNoneMatch;
        if (noneMatch.Count > 0)
        {
            return MatchesAny(noneMatch, response.Header["ETag"].FirstOrDefault());
        }

        StringValues since = request.IfModifiedSince;
        if (since.Count != 1)
        {
            return false;
        }

        DateTimeOffset now = time.GetUtcNow();

        string? changed = response.Header["Last-Modified"].FirstOrDefault() ?? response.Header["Date"].FirstOrDefault();
        return HttpDate.TryParse(since[0], now, out DateTimeOffset than)
            && HttpDate.TryParse(changed, now, out DateTimeOffset modified) && modified <= than;
    }

    /// <summary>Weak comparison (§8.8.3.2) with each member of the list, or <c>*</c>.</summary>
    private static bool MatchesAny(StringValues lines, string? etag)
    {
        foreach (string? line in lines)
        {
            ReadOnlySpan<char> rest = line.AsSpan().Trim(" \t");
            if (rest is "*")
            {
                return true;
            }

            while (etag is not null && TryReadEntityTag(ref rest, out ReadOnlySpan<char> tag))
            {
                if (tag.SequenceEqual(Opaque(etag)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Entity tags may hold commas, so the list is walked quote by quote. Unquoted ones, which some clients send, end at the comma.</summary>
    private static bool TryReadEntityTag(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> tag)
    {
        text = text.TrimStart(" \t,");
        tag = default;
        if (text.IsEmpty)
        {
            return false;
        }

        ReadOnlySpan<char> body = text.StartsWith("W/") ? text[2..] : text;
        int end;
        if (!body.IsEmpty && body[0] == '"')
        {
            int close = body[1..].IndexOf('"');
            end = close < 0 ? body.Length : close + 2;
        }
        else
        {
            int comma = body.IndexOf(',');
            end = comma < 0 ? body.Length : comma;
        }

        tag = body[..end].TrimEnd(" \t");
        text = body[end..];
        return true;
    }

    /// <summary>Without the weakness mark.</summary>
    public static ReadOnlySpan<char> Opaque(string etag) => etag.StartsWith("W/", StringComparison.Ordinal) ? etag.AsSpan(2) : etag;

    /// <summary>RFC 9110 §13.1.5: the range is served only when the validator is the strong one that is stored.</summary>
    public static bool IfRangeHolds(IHeaderDictionary request, StoredResponse response)
    {
        StringValues ifRange = request.IfRange;
        if (ifRange.Count == 0)
        {
            return true;
        }

        string value = ifRange.ToString();
        if (value.StartsWith('"'))
        {
            return string.Equals(value, response.Header["ETag"].FirstOrDefault(), StringComparison.Ordinal);
        }

        return string.Equals(value, response.Header["Last-Modified"].FirstOrDefault(), StringComparison.Ordinal)
            && SliceAnswer.HasStrongDate(response.Header);
    }
}
