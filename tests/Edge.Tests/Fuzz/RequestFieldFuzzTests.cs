using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Http;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Fuzz;

/// <summary>What visitors and other edges say is read without an exception and within bounds, however damaged it is.</summary>
public sealed partial class RequestFieldFuzzTests
{
    private static readonly string[] Lists = FuzzInput.Read("list");

    [Fact]
    public void Ranges_are_inside_the_representation_apart_and_what_was_asked_for() => FuzzInput.Run("range", (text, random) =>
    {
        long length = random.Next(4) == 0 ? random.Next(3) : random.NextInt64(1, 20_000);
        long lowest = RangeSet.FirstWanted(text);
        Assert.InRange(lowest, -1, long.MaxValue);
        RangeVerdict verdict = RangeSet.Parse(text, length, out ByteRange part, out ByteRange[]? several);
        Assert.True(verdict == RangeVerdict.Whole || lowest >= 0);
        if (verdict != RangeVerdict.Partial)
        {
            return;
        }

        ByteRange[] parts = several ?? [part];
        Assert.InRange(parts.Length, several is null ? 1 : 2, RangeSet.MaxParts);
        Assert.All(parts, p => Assert.True(p.First >= 0 && p.First <= p.Last && p.Last < length));
        ByteRange[] sorted = [.. parts.OrderBy(p => p.First)];
        Assert.All(sorted.Zip(sorted.Skip(1)), pair => Assert.True(pair.First.Last < pair.Second.First));
        Assert.True(lowest <= sorted[0].First);
        foreach (Match member in Member().Matches(text["bytes=".Length..]))
        {
            if (Wanted(member, length) is { } wanted)
            {
                Assert.Contains(parts, p => p.First <= wanted.First && wanted.Last <= p.Last);
            }
        }

        string printed = "bytes=" + string.Join(", ", parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.First}-{p.Last}")));
        Assert.Equal(RangeVerdict.Partial, RangeSet.Parse(printed, length, out ByteRange again, out ByteRange[]? severalAgain));
        Assert.Equal(parts, severalAgain ?? [again]);
    });

    [Fact]
    public void Lists_are_normal_once_and_select_their_own_response() => FuzzInput.Run("list", (text, _) =>
    {
        string coding = AcceptEncoding.Normalize(text);
        Assert.Equal(coding, AcceptEncoding.Normalize(coding));
        Assert.Equal(AcceptEncoding.Preferred(text), AcceptEncoding.Preferred(coding));
        string language = AcceptLanguage.Normalize(text);
        Assert.Equal(language, AcceptLanguage.Normalize(language));
        string[] names = VarySelector.ParseNames(text);
        Assert.Equal(names.Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal), names);
        Assert.Equal(names, VarySelector.ParseNames(string.Join(", ", names)));
    });

    [Fact]
    public void Requests_select_each_other_when_their_normal_forms_are_equal() => FuzzInput.Run("list", (text, random) =>
    {
        string[] names = ["accept-encoding", "accept-language", "bar", "cookie:c", "foo"];
        HeaderDictionary one = Request(text);
        HeaderDictionary other = Request(random.Next(2) == 0 ? FuzzInput.Damage(Lists, random) : Spelled(text, random));
        VarySelector selector = VarySelector.Of(names, one);
        Assert.True(selector.Matches(one));
        Assert.Equal(selector.SameAs(VarySelector.Of(names, other)), selector.Matches(other));
        VarySelector restored = VarySelector.Restore(selector.Names.ToArray(), selector.Values.ToArray(), selector.ContentLanguage);
        Assert.True(restored.SameAs(selector));
    });

    [Fact]
    public void A_loop_is_seen_in_any_list_and_only_where_the_name_is() => FuzzInput.Run("list", (text, _) =>
    {
        Assert.True(CdnLoop.Contains(new StringValues([text, "founding"]), "founding"));
        Assert.True(CdnLoop.Contains(text + " , Founding;x=1", "founding"));
        Assert.True(!CdnLoop.Contains(text, "founding") || text.Contains("founding", StringComparison.OrdinalIgnoreCase));
    });

    [Fact]
    public void Only_an_entity_tag_that_was_sent_matches() => FuzzInput.Run("entity-tag", (text, _) =>
    {
        var time = new FakeTimeProvider();
        StoredResponse stored = Stored(text);
        ConditionalRequest.IsNotModified(new HeaderDictionary { ["If-None-Match"] = text }, stored, time);
        ConditionalRequest.IsNotModified(new HeaderDictionary { ["If-Modified-Since"] = text }, stored, time);
        ConditionalRequest.IfRangeHolds(new HeaderDictionary { ["If-Range"] = text }, stored);

        string tag = "\"" + string.Concat(text.Where(c => c is > ' ' and < '\x7f' and not '"')) + "\"";
        Assert.True(ConditionalRequest.IsNotModified(new HeaderDictionary { ["If-None-Match"] = "\"other\", W/" + tag }, Stored(tag), time));
        bool isNotModified = ConditionalRequest.IsNotModified(new HeaderDictionary { ["If-None-Match"] = text }, Stored("\"abc\""), time);
        Assert.True(!isNotModified || text.Contains("\"abc\"", StringComparison.Ordinal) || text.Trim(' ', '\t') == "*", text);
        Assert.False(ConditionalRequest.IfRangeHolds(new HeaderDictionary { ["If-Range"] = "W/" + tag }, Stored("W/" + tag)));
    });

    [Fact]
    public void A_target_has_a_host_and_a_path_and_a_purge_finds_it() => FuzzInput.Run("target", (text, _) => AssertTarget("Example.org", text));

    [Fact]
    public void A_host_has_one_spelling() => FuzzInput.Run("host", (text, _) => AssertTarget(text, "/a?b"));

    [Fact]
    public void A_purged_url_is_printed_and_read_the_same() => FuzzInput.Run("purge-url", (text, random) =>
    {
        if (!PurgeUrl.TryParse(text, out PurgeUrl url, out string? error))
        {
            Assert.NotEmpty(error);
            return;
        }

        Assert.True(PurgeUrl.TryParse(url.ToString(), out PurgeUrl again, out _));
        Assert.Equal(url, again);
        Assert.StartsWith("/", url.Target, StringComparison.Ordinal);
        Assert.EndsWith(url.Target == "/" ? "" : url.Target.TrimStart('/'), text, StringComparison.Ordinal);
        PurgeUrl other = url.OtherScheme();
        Assert.NotEqual(url.Scheme, other.Scheme);
        Assert.True(PurgeUrl.TryParse(other.ToString(), out PurgeUrl otherAgain, out _));
        Assert.Equal(other, otherAgain);
        Assert.Equal(url.ToString(), PurgeUrl.Of(url.Scheme, url.AuthorityAndTarget[..^url.Target.Length], url.Target));
    });

    /// <summary>A file is three lines: mode, scheme, cursor.</summary>
    [Fact]
    public void What_another_edge_asks_for_is_clear() => FuzzInput.Run("peer", (text, _) =>
    {
        string[] lines = [.. text.Split('\n'), "", ""];
        HeaderDictionary headers = Peer(lines[0], lines[1], lines[2]);
        if (PeerAsk.TryParse(headers, out PeerAsk ask))
        {
            Assert.InRange(ask.Cursor.Sequence, 0, long.MaxValue);
            Assert.True(ask.IsCoveredBy(ask.Cursor));
            Assert.False(ask.IsCoveredBy(ask.Cursor with { Epoch = ask.Cursor.Epoch + "x" }));
            Assert.True(PeerAsk.TryParse(Peer(lines[0], lines[1], ask.Cursor.ToString()), out PeerAsk again));
            Assert.Equal(ask, again);
        }
    });

    private static void AssertTarget(string host, string raw)
    {
        if (!Parse(host, raw, isHttps: false, out RequestTarget target))
        {
            return;
        }

        Assert.StartsWith("/", target.PathAndQuery, StringComparison.Ordinal);
        Assert.False(target.Path.Contains('?'));
        Assert.EndsWith(target.PathAndQuery[1..], raw, StringComparison.Ordinal);
        Assert.False(target.Authority.AsSpan().ContainsAnyInRange('A', 'Z'));
        Assert.True(target.Authority.AsSpan().StartsWith(target.HostName));
        Assert.True(Parse(target.Authority, target.PathAndQuery, isHttps: false, out RequestTarget again));
        Assert.Equal(target, again);

        // A purge that can name the URL names the key that it is stored under.
        if (host.AsSpan().ContainsAny('/', '?'))
        {
            return; // which the server refuses before
        }

        string url = new CacheKey("s", false, target.Authority, target.PathAndQuery).Url;
        if (PurgeUrl.TryParse(url, out PurgeUrl purge, out _))
        {
            Assert.Equal(url, purge.ToString());
            Assert.Equal(target.HostName.ToString(), purge.Host);
        }
    }

    private static bool Parse(string host, string raw, bool isHttps, out RequestTarget target)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Host = host;
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = raw;
        return RequestTarget.TryParse(context, isHttps, out target);
    }

    private static HeaderDictionary Request(string text) => new()
    {
        ["Accept-Encoding"] = text,
        ["Accept-Language"] = text,
        ["Cookie"] = "a=b; c=" + text,
        ["Foo"] = text,
    };

    private static HeaderDictionary Peer(string mode, string scheme, string cursor) =>
        new() { [PeerHeaders.Mode] = mode, [PeerHeaders.Scheme] = scheme, [PeerHeaders.Cursor] = cursor };

    /// <summary>The same in another way: case, blanks, lines.</summary>
    private static string Spelled(string text, Random random) => random.Next(3) switch
    {
        0 => text.ToUpperInvariant(),
        1 => text.Replace(",", " , ", StringComparison.Ordinal),
        _ => $" {text}\t",
    };

    /// <summary>Null: not in the representation.</summary>
    private static ByteRange? Wanted(Match member, long length)
    {
        if (!long.TryParse(member.Groups["first"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long first))
        {
            return null;
        }

        long last = length - 1;
        if (member.Groups["last"].Length > 0 && long.TryParse(member.Groups["last"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long named))
        {
            last = Math.Min(last, named);
        }

        return first < length ? new ByteRange(first, last) : null;
    }

    [GeneratedRegex(@"(?<=^|,)[ \t]*(?<first>[0-9]+)[ \t]*-[ \t]*(?<last>[0-9]*)[ \t]*(?=,|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Member();

    private static StoredResponse Stored(string etag) => new()
    {
        Key = new CacheKey("site", false, "example.org", "/"),
        Url = "http://example.org/",
        Status = 200,
        Header = new ResponseHeader([new("ETag", etag), new("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")]),
        VisitorHeader = ResponseHeader.Empty,
        Body = new CachedBody([]),
        Vary = VarySelector.None,
        Tags = [],
        Storage = new StorageDecision { Reason = NotStoredReason.None },
        InitialAge = 0,
        ReceivedAt = 0,
    };
}
