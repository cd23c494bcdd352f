using System.Globalization;
using System.Text;

namespace OrleansCdn.Cli.LabOrigin;

/// <summary>The sample origin's pages and what they pull in.</summary>
internal static class SamplePages
{
    // Enough to crawl and to prewarm; each links to the next.
    public const int PageCount = 100;

    public const string Style = "body { font: 16px/1.5 sans-serif; max-width: 40em; margin: 2em auto; } img { width: 96px; }\n";

    public const string Script = "document.getElementById('loaded').textContent = 'The script came through too.';\n";

    public const string Logo =
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><circle cx="48" cy="48" r="40" fill="#2a6f97"/>
        <path d="M16 48h64M48 16v64M24 26c16 12 32 12 48 0M24 70c16-12 32-12 48 0" stroke="#fff" stroke-width="4" fill="none"/></svg>

        """;

    public static string Page(int number, long request)
    {
        var html = new StringBuilder(1024);
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\"><head><title>Sample page {number}</title>\n");
        html.Append("<link rel=\"stylesheet\" href=\"/assets/site.css\"><script defer src=\"/assets/site.js\"></script></head>\n<body>\n");
        html.Append("<img src=\"/assets/logo.svg\" alt=\"\"><h1>It works</h1>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p>Page {number} of the sample origin, made for origin request {request} of this path.\n");
        html.Append("Reload: while the number stays, the page comes from a cache.</p>\n<p id=\"loaded\"></p>\n<ul>\n");
        foreach (string path in (string[])
            ["/assets/1k.bin", "/assets/100k.bin", "/assets/1m.bin", "/large/2g.bin", "/slow?ms=1000", "/uncacheable", "/fail?status=503", "/drip?bytes=20&ms=200", "/echo"])
        {
            html.Append(CultureInfo.InvariantCulture, $"<li><a href=\"{path.Replace("&", "&amp;", StringComparison.Ordinal)}\">{path.Replace("&", "&amp;", StringComparison.Ordinal)}</a></li>\n");
        }

        int next = (number % PageCount) + 1;
        html.Append(CultureInfo.InvariantCulture, $"<li><a href=\"/pages/{next}\">next page</a></li>\n</ul>\n</body></html>\n");
        return html.ToString();
    }
}
