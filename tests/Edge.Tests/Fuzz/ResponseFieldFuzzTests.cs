using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Fuzz;

/// <summary>What origins say in fields is read without an exception and within bounds, however damaged it is.</summary>
public sealed class ResponseFieldFuzzTests
{
    private const string Cdn = "founding";

    private static readonly CacheKey Key = new("site", false, "example.org", "/");

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly CacheConfig Site = new()
    {
        DefaultTtl = TimeSpan.Zero,
        Grace = TimeSpan.FromMinutes(10),
        MaxObjectBytes = 1024 * 1024,
        Rules = [],
    };

    [Fact]
    public void Directives_are_within_their_bounds_and_lines_are_one_list() => FuzzInput.Run("cache-control", (text, _) =>
    {
        var read = CacheDirectives.Parse(text);
        foreach (long? seconds in new[] { read.MaxAge, read.SharedMaxAge, read.StaleWhileRevalidate, read.StaleIfError, read.MaxStale, read.MinFresh })
        {
            Assert.InRange(seconds ?? 0, 0, CacheDirectives.MaxSeconds);
        }

        Assert.Equal(read, CacheDirectives.Parse(new StringValues([text, ""])));
        Assert.Equal(CacheDirectives.Parse("public, " + text), CacheDirectives.Parse(new StringValues(["public", text])));

        // Nothing in a line, a quote that is left open included, hides what another line says.
        Assert.True(CacheDirectives.Parse(new StringValues([text, "no-store"])).Has(CacheFlags.NoStore));
        if (read.MaxAge is { } age)
        {
            Assert.Equal(age, CacheDirectives.Parse($"max-age={age}, {text}").MaxAge);
        }
    });

    [Fact]
    public void Structured_fields_are_printed_and_read_the_same() => FuzzInput.Run("structured", (text, _) =>
    {
        Assert.Equal(StructuredField.TryParseList(text, out StructuredItem[]? list), list is not null);
        Assert.Equal(StructuredField.TryParseDictionary(text, out StructuredItem[]? members), members is not null);
        if (list is not null && Print(list) is { } printedList)
        {
            Assert.True(StructuredField.TryParseList(printedList, out StructuredItem[]? again), printedList);
            Assert.Equal(printedList, Print(again));
        }

        if (members is not { Length: > 0 })
        {
            return;
        }

        Assert.Equal(members.Length, members.Select(m => m.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.True(StructuredField.TryParseDictionary(new StringValues([text, "zz9=1"]), out StructuredItem[]? lines));
        Assert.True(StructuredField.TryParseDictionary(text + ", zz9=1", out StructuredItem[]? line));
        Assert.Equal(line.Select(m => (m.Name, m.Kind, m.Number, m.Value)), lines.Select(m => (m.Name, m.Kind, m.Number, m.Value)));
        if (Print(members) is { } printed)
        {
            Assert.True(StructuredField.TryParseDictionary(printed, out StructuredItem[]? again), printed);
            Assert.Equal(printed, Print(again));
        }
    });

    [Fact]
    public void A_targeted_field_counts_when_it_is_valid_and_for_nothing_else() => FuzzInput.Run("structured", (text, _) =>
    {
        bool isRead = StructuredField.TryParseDictionary(text, out StructuredItem[]? members) && members.Length > 0;
        CacheDirectives? alone = TargetedCacheControl.Find(new ResponseHeader([new(TargetedCacheControl.AllCdns, text)]), Cdn);
        Assert.True(isRead || alone is null);
        CacheDirectives? own = TargetedCacheControl.Find(
            new ResponseHeader([new(TargetedCacheControl.AllCdns, "max-age=7"), new($"{Cdn}-Cache-Control", text)]), Cdn);
        Assert.Equal(alone ?? CacheDirectives.Parse("max-age=7"), own);
        if (members?.FirstOrDefault(m => m.Name == "max-age") is { Kind: StructuredKind.WholeNumber, Number: > 0 and <= CacheDirectives.MaxSeconds } age && alone is { } read)
        {
            Assert.Equal(age.Number, read.MaxAge);
        }
    });

    [Fact]
    public void A_decision_to_store_is_within_its_bounds() => FuzzInput.Run("structured", (text, random) =>
    {
        string date = Now.AddSeconds(random.Next(-100_000, 100_000)).ToString("r");
        string[] names = ["Cache-Control", "CDN-Cache-Control", "founding-Cache-Control", "Surrogate-Control", "Expires", "Last-Modified", "Vary", "Pragma", "Date"];
        string name = names[random.Next(names.Length)];
        int status = random.Next(100, 700);
        var header = new ResponseHeader([new("ETag", "\"x\""), new("Date", date), new(name, text)]);
        var facts = new RequestFacts(IsGet: true, HasAuthorization: false, NoStore: false);
        var decision = StoragePolicy.Decide(facts, status, header, Site, null, Cdn, Now);
        Assert.True(Enum.IsDefined(decision.Reason));
        Assert.InRange(decision.Lifetime, 0, CacheDirectives.MaxSeconds);
        Assert.InRange(decision.StaleIfError, 0, CacheDirectives.MaxSeconds);
        Assert.InRange(decision.StaleWhileRevalidate, 0, CacheDirectives.MaxSeconds);

        // What the origin forbids in one line stays forbidden whatever it says in another.
        foreach (string line in new[] { "private", "no-store" })
        {
            var forbidden = new ResponseHeader([new("Date", date), new("Cache-Control", new StringValues([text, line]))]);
            bool isOverridden = line == "no-store" && CacheDirectives.Parse(text).Has(CacheFlags.MustUnderstand);
            Assert.True(isOverridden || !StoragePolicy.Decide(facts, status, forbidden, Site, null, Cdn, Now).IsStored);
        }
    });

    [Fact]
    public void A_content_range_is_inside_its_whole_and_read_again_the_same() => FuzzInput.Run("content-range", (text, random) =>
    {
        if (ContentRange.TryParse(text, out ContentRange range))
        {
            Assert.True(range.Span.First >= 0 && range.Span.First <= range.Span.Last && range.Span.Last < range.Total);
            Assert.True(ContentRange.TryParse(string.Create(CultureInfo.InvariantCulture, $"bytes {range.Span.First}-{range.Span.Last}/{range.Total}"), out ContentRange again));
            Assert.Equal(range, again);
            Assert.False(ContentRange.TryParse(new StringValues([text, text]), out _));
        }
    });

    [Fact]
    public void A_date_that_is_read_is_written_and_read_the_same() => FuzzInput.Run("date", (text, random) =>
    {
        if (HttpDate.TryParse(text, Now, out DateTimeOffset date))
        {
            Assert.Equal(TimeSpan.Zero, date.Offset);
            Assert.True(HttpDate.TryParse(date.ToString("r"), Now, out DateTimeOffset again));
            Assert.Equal(date, again);
            Assert.False(HttpDate.TryParse(text + "0", Now, out _));
        }
    });

    [Fact]
    public void Tags_are_bounded_and_come_back_from_a_list_of_them() => FuzzInput.Run("list", (text, random) =>
    {
        (string name, char separator) = random.Next(2) == 0 ? ("Surrogate-Key", ' ') : ("Cache-Tag", ',');
        if (SurrogateTags.TryParse(new ResponseHeader([new(name, text)]), Key, out string[] tags))
        {
            Assert.InRange(tags.Length, 0, SurrogateTags.MaxTags);
            Assert.All(tags, tag => Assert.InRange(tag.Length, 1, SurrogateTags.MaxTagLength));
            Assert.True(SurrogateTags.TryParse(new ResponseHeader([new(name, string.Join(separator, tags))]), Key, out string[] again));
            Assert.Equal(tags, again);
        }
        else
        {
            Assert.Empty(tags);
        }
    });

    [Fact]
    public void Interim_responses_are_the_same_however_the_bytes_are_cut() => FuzzInput.Run("interim", (text, random) =>
    {
        // Now and then longer than what the parser listens to.
        byte[] bytes = FuzzInput.Octets(random.Next(100) == 0 ? string.Concat(Enumerable.Repeat(text, 1 + random.Next(200_000 / (text.Length + 1)))) : text);
        string whole = Interim(bytes, () => bytes.Length);
        Assert.Equal(whole, Interim(bytes, () => 1 + random.Next(20)));
    });

    /// <summary>Null when it holds what is not kept: fractions, octets, display texts.</summary>
    private static string? Print(StructuredItem[] items)
    {
        var text = new StringBuilder();
        foreach (StructuredItem item in items)
        {
            string? value = item.Kind switch
            {
                StructuredKind.WholeNumber => item.Number.ToString(CultureInfo.InvariantCulture),
                StructuredKind.Text => $"\"{item.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
                StructuredKind.Token => item.Value,
                StructuredKind.Flag => item.Number == 1 ? "?1" : "?0",
                StructuredKind.Date => string.Create(CultureInfo.InvariantCulture, $"@{item.Number}"),
                StructuredKind.InnerList when Print(item.Items) is { } inner => $"({inner.Replace(", ", " ", StringComparison.Ordinal)})",
                _ => null,
            };
            if (value is null || (item.Kind == StructuredKind.InnerList && value.Contains('"', StringComparison.Ordinal)))
            {
                return null;
            }

            text.Append(text.Length == 0 ? "" : ", ").Append(item.Name.Length == 0 ? "" : item.Name + "=").Append(value);
        }

        return text.ToString();
    }

    private static string Interim(byte[] bytes, Func<int> nextLength)
    {
        var parser = new InterimParser();
        parser.Expect();
        var found = new StringBuilder();
        for (int at = 0, length; at < bytes.Length; at += length)
        {
            length = Math.Min(nextLength(), bytes.Length - at);
            foreach (InterimResponse response in parser.Push(bytes.AsSpan(at, length)))
            {
                Assert.True(response.Status is >= 102 and <= 199, $"status {response.Status}");
                Assert.All(response.Fields, field => Assert.True(HeaderText.IsToken(field.Key) && HeaderText.IsAllowed(field.Value.ToArray()!)));
                found.Append(response.Status).AppendJoin('|', response.Fields.Select(f => $"{f.Key}={f.Value}")).Append('\n');
            }
        }

        return found.ToString();
    }
}
