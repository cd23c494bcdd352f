using System.Collections.Immutable;
using System.Text;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Rules;

/// <summary>A page that stands for an error. <paramref name="Body"/> is sent as it is.</summary>
public sealed record ErrorPage(ImmutableArray<string> Statuses, byte[] Body, string ContentType, bool ReplacesOrigin);

/// <summary>A site's pages for errors.</summary>
public sealed class ErrorPages
{
    private readonly ErrorPage[] _pages;

    private ErrorPages(ImmutableArray<ErrorPageConfig> pages) => _pages =
        [.. pages.Select(page => new ErrorPage(page.Statuses, Encoding.UTF8.GetBytes(page.Body), TypeOf(page.ContentType), page.ReplaceOrigin))];

    /// <summary>Null: there are none.</summary>
    public static ErrorPages? Of(ImmutableArray<ErrorPageConfig> pages) => pages.IsEmpty ? null : new ErrorPages(pages);

    /// <summary>For an error of this edge; null: its own line of text.</summary>
    public ErrorPage? Find(int status) => Array.Find(_pages, page => StatusMatch.IsAny(status, page.Statuses));

    /// <summary>For an answer of the origin; null: it is passed on.</summary>
    public ErrorPage? FindForOrigin(int status) => status < 400 ? null : Array.Find(_pages, page => page.ReplacesOrigin && StatusMatch.IsAny(status, page.Statuses));

    private static string TypeOf(string type) => type.StartsWith("text/", StringComparison.Ordinal) ? $"{type}; charset=utf-8" : type;
}
