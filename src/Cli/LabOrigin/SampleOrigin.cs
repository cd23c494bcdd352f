using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace OrleansCdn.Cli.LabOrigin;

/// <summary>
/// The origin behind the lab: pages, files of every size, and paths that are slow, uncacheable or broken (docs/lab.md).
/// Every answer names its number among the requests for its path in <c>X-Origin-Request</c>.
/// </summary>
internal sealed class SampleOrigin(TimeProvider time)
{
    public const string RequestNumberField = "X-Origin-Request";

    // Longest wait in /slow and between two bytes of /drip: past every timeout that a site may set for its origin by default.
    private const int MaxWaitMs = 120_000;

    private const int MaxDripBytes = 1024 * 1024;
    private const int MaxMaxAgeSeconds = 31_536_000;

    private static readonly DateTimeOffset LastModified = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public RequestCounts Counts { get; } = new();

    public Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "/";
        if (path == RequestCounts.Path)
        {
            return CountsAsync(context);
        }

        long number = Counts.Add(path);
        context.Response.Headers[RequestNumberField] = number.ToString(CultureInfo.InvariantCulture);
        return path switch
        {
            "/" => PageAsync(context, 1, number),
            "/assets/site.css" => TextAsync(context, SamplePages.Style, "text/css; charset=utf-8", "assets"),
            "/assets/site.js" => TextAsync(context, SamplePages.Script, "text/javascript; charset=utf-8", "assets"),
            "/assets/logo.svg" => TextAsync(context, SamplePages.Logo, "image/svg+xml", "assets"),
            "/slow" => SlowAsync(context),
            "/drip" => DripAsync(context),
            "/fail" => FailAsync(context),
            "/uncacheable" => UncacheableAsync(context, number),
            "/cached" => CachedAsync(context, number),
            "/cacheable-after" => CacheableAfterAsync(context, number),
            "/vary" => VaryAsync(context),
            "/echo" => EchoAsync(context),
            _ when path.StartsWith("/pages/", StringComparison.Ordinal)
                && int.TryParse(path.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out int page)
                && page is >= 1 and <= SamplePages.PageCount => PageAsync(context, page, number),
            _ when TryFile(path, "/assets/", out long bytes) => FileAsync(context, path, bytes, "public, max-age=3600", "assets"),
            _ when TryFile(path, "/large/", out long bytes) => FileAsync(context, path, bytes, "public, max-age=86400", "large"),
            _ => NotFoundAsync(context),
        };
    }

    private Task CountsAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsDelete(context.Request.Method))
        {
            Counts.Reset();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        return context.Response.WriteAsJsonAsync(Counts.Snapshot(), LabOriginJson.Default.SortedDictionaryStringInt64);
    }

    private static bool TryFile(string path, string folder, out long bytes)
    {
        bytes = 0;
        return path.StartsWith(folder, StringComparison.Ordinal)
            && path.EndsWith(".bin", StringComparison.Ordinal)
            && path.Length > folder.Length + 4
            && SizeText.TryParse(path.AsSpan(folder.Length, path.Length - folder.Length - 4), out bytes);
    }

    /// <summary>Validators, conditions (RFC 9110 §13) and ranges (§14) are the framework's.</summary>
    private static Task FileAsync(HttpContext context, string path, long bytes, string cacheControl, string tag)
    {
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.Headers["Surrogate-Key"] = $"{tag} {tag}-{Path.GetFileNameWithoutExtension(path)}";
        ulong seed = DeterministicBytes.Seed(path);
        var etag = new EntityTagHeaderValue($"\"{seed:x16}-{bytes:x}\"");
        var stream = new GeneratedStream(seed, bytes);
        return TypedResults.Stream(stream, "application/octet-stream", null, LastModified, etag, enableRangeProcessing: true)
            .ExecuteAsync(context);
    }

    private static Task TextAsync(HttpContext context, string text, string type, string tag)
    {
        context.Response.Headers.CacheControl = "public, max-age=3600";
        context.Response.Headers["Surrogate-Key"] = tag;
        var etag = new EntityTagHeaderValue($"\"{DeterministicBytes.Seed(text):x16}\"");
        return TypedResults.Bytes(Encoding.UTF8.GetBytes(text), type, null, enableRangeProcessing: true, LastModified, etag)
            .ExecuteAsync(context);
    }

    private static Task PageAsync(HttpContext context, int page, long number)
    {
        context.Response.Headers.CacheControl = "public, max-age=60, stale-while-revalidate=30";
        context.Response.Headers["Surrogate-Key"] = $"pages page-{page}";
        return PlainAsync(context, SamplePages.Page(page, number), "text/html; charset=utf-8");
    }

    private async Task SlowAsync(HttpContext context)
    {
        if (Number(context, "ms", 1000, MaxWaitMs) is not { } ms)
        {
            return;
        }

        await Task.Delay(TimeSpan.FromMilliseconds(ms), time, context.RequestAborted);
        context.Response.Headers.CacheControl = "public, max-age=60";
        context.Response.Headers["Surrogate-Key"] = "slow";
        await PlainAsync(context, $"after {ms} ms\n");
    }

    private async Task DripAsync(HttpContext context)
    {
        if (Number(context, "bytes", 100, MaxDripBytes) is not { } bytes || Number(context, "ms", 100, MaxWaitMs) is not { } ms)
        {
            return;
        }

        context.Response.Headers.CacheControl = "public, max-age=60";
        context.Response.Headers["Surrogate-Key"] = "drip";
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = bytes;
        var drop = new byte[1];
        for (int i = 0; i < bytes && !HttpMethods.IsHead(context.Request.Method); i++)
        {
            drop[0] = (byte)('a' + (i % 26));
            await context.Response.Body.WriteAsync(drop, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(TimeSpan.FromMilliseconds(ms), time, context.RequestAborted);
        }
    }

    private static Task FailAsync(HttpContext context)
    {
        if (Number(context, "status", 500, 599) is not { } status)
        {
            return Task.CompletedTask;
        }

        context.Response.StatusCode = Math.Max(status, 400);
        return PlainAsync(context, $"failing as asked: {context.Response.StatusCode}\n");
    }

    private static Task UncacheableAsync(HttpContext context, long number)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        return PlainAsync(context, $"request {number}, never from a cache\n");
    }

    /// <summary>Lifetime, tags and size as the query asks: for experiments and tests.</summary>
    private static Task CachedAsync(HttpContext context, long number)
    {
        if (Number(context, "max-age", 60, MaxMaxAgeSeconds) is not { } maxAge)
        {
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = $"public, max-age={maxAge}";
        string tags = context.Request.Query["tags"].ToString();
        if (tags.Length > 0 && tags.All(c => c is > ' ' and <= '~'))
        {
            context.Response.Headers["Surrogate-Key"] = tags.Replace(',', ' ');
        }

        return PlainAsync(context, $"request {number}, fresh for {maxAge} s\n");
    }

    /// <summary>The first <c>n</c> answers must not be stored, those after it may.</summary>
    private static Task CacheableAfterAsync(HttpContext context, long number)
    {
        if (Number(context, "n", 3, int.MaxValue) is not { } n)
        {
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = number <= n ? "no-store" : "public, max-age=60";
        return PlainAsync(context, $"request {number}, {(number <= n ? "not to be stored" : "fresh for 60 s")}\n");
    }

    private static Task VaryAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "public, max-age=60";
        context.Response.Headers.Vary = "Accept-Language";
        bool polish = context.Request.Headers.AcceptLanguage.ToString().StartsWith("pl", StringComparison.OrdinalIgnoreCase);
        context.Response.Headers.ContentLanguage = polish ? "pl" : "en";
        return PlainAsync(context, polish ? "dzień dobry\n" : "good morning\n");
    }

    /// <summary>What arrives at an origin: the request line and every field.</summary>
    private static Task EchoAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        HttpRequest request = context.Request;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Path}{request.QueryString} {request.Protocol}\n");
        foreach (KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> field in request.Headers)
        {
            foreach (string? value in field.Value)
            {
                text.Append(CultureInfo.InvariantCulture, $"{field.Key}: {value}\n");
            }
        }

        return PlainAsync(context, text.ToString());
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return PlainAsync(context, "The sample origin has no such path; docs/lab.md lists them.\n");
    }

    private static Task PlainAsync(HttpContext context, string text, string type = "text/plain; charset=utf-8")
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>A number of the query, 0 to <paramref name="max"/>; null when it is none, and then the answer is 400.</summary>
    private static int? Number(HttpContext context, string name, int missing, int max)
    {
        string text = context.Request.Query[name].ToString();
        if (text.Length == 0)
        {
            return missing;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= max)
        {
            return value;
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.Headers["X-Reason"] = $"{name} must be a number from 0 to {max}";
        return null;
    }
}
