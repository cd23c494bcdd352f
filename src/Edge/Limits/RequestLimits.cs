using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Limits;

/// <summary>Why a site's limits refuse a request.</summary>
/// <param name="Status">413, 414, 429, 431 or 503.</param>
/// <param name="Token">For <c>Cache-Status</c>.</param>
/// <param name="RetryAfter">Seconds; 0: trying again is of no use.</param>
public sealed record LimitRefusal(int Status, string Token, string Detail, int RetryAfter = 0);

/// <summary>Compares each visitor's request with the limits of its site. Called only for sites that have some.</summary>
public sealed class RequestLimits(TimeProvider time)
{
    /// <summary>Sixteen sites under attack at one time, some 32 MiB.</summary>
    private const int MaxClients = 256 * 1024;

    /// <summary>": " and the end of the line, which every field has beside name and value.</summary>
    private const int FieldFraming = 4;

    private static readonly LimitRefusal UrlTooLong = new(StatusCodes.Status414UriTooLong, "url-too-long", "the URL is longer than this site allows");

    private static readonly LimitRefusal HeaderTooLarge = new(
        StatusCodes.Status431RequestHeaderFieldsTooLarge, "header-too-large", "the header is larger than this site allows");

    private static readonly LimitRefusal BodyTooLarge = new(
        StatusCodes.Status413PayloadTooLarge, "body-too-large", "the body is larger than this site allows");

    private readonly ClientBudget _budget = new(MaxClients);
    private readonly ConcurrentDictionary<string, SiteGate> _gates = new();

    /// <summary>For tests and status: null before the site's first request.</summary>
    public SiteGate? GateOf(string site) => _gates.GetValueOrDefault(site);

    /// <summary>Null: it is admitted, and counts as under way until its response is complete.</summary>
    public LimitRefusal? Check(HttpContext context, SiteConfig site, LimitsConfig limits, in RequestTarget target) =>
        Enter(context, site, limits) ?? CheckSizes(context, limits, target);

    /// <summary>Forgets the sites that the config no longer limits.</summary>
    public void Keep(CdnConfig config)
    {
        HashSet<string> wanted = [.. config.Sites.Where(site => site.Limits is not null).Select(site => site.Id)];
        foreach (string gone in _gates.Keys.Where(id => !wanted.Contains(id)))
        {
            if (_gates.TryRemove(gone, out SiteGate? gate))
            {
                gate.Close();
            }
        }
    }

    private LimitRefusal? Enter(HttpContext context, SiteConfig site, LimitsConfig limits)
    {
        if (limits is { ClientRate: null, ClientConcurrency: null, Concurrency: null })
        {
            return null;
        }

        SiteGate gate = _gates.GetOrAdd(site.Id, static (_, budget) => new SiteGate(budget), _budget);
        GateVerdict verdict = gate.TryEnter(
            limits, ClientKey.Of(context.Connection.RemoteIpAddress), time.MonotonicSeconds(), out double wait, out SiteGate.Client? client);
        if (verdict != GateVerdict.Admitted)
        {
            return Refusal(verdict, (int)Math.Ceiling(wait));
        }

        if (limits is { ClientConcurrency: null, Concurrency: null })
        {
            // Only its rate counts: it need not be seen off.
            client?.Leave();
        }
        else
        {
            context.Response.OnCompleted(static state => ((Visit)state).EndAsync(), new Visit(gate, client, limits.Concurrency is not null));
        }

        return null;
    }

    private static LimitRefusal Refusal(GateVerdict verdict, int retryAfter) => verdict switch
    {
        GateVerdict.ClientRate => new(
            StatusCodes.Status429TooManyRequests, "client-rate", "more requests a second than this site allows", Math.Max(1, retryAfter)),
        GateVerdict.ClientBusy => new(
            StatusCodes.Status503ServiceUnavailable, "client-busy", "more requests at one time than this site allows", Math.Max(1, retryAfter)),
        GateVerdict.SiteBusy => new(
            StatusCodes.Status503ServiceUnavailable, "site-busy", "the site has all the requests that it allows at one time", Math.Max(1, retryAfter)),
        _ => throw new System.Diagnostics.UnreachableException(verdict.ToString()),
    };

    private static LimitRefusal? CheckSizes(HttpContext context, LimitsConfig limits, in RequestTarget target)
    {
        if (target.PathAndQuery.Length > limits.MaxUrlBytes)
        {
            return UrlTooLong;
        }

        if (limits.MaxHeaderBytes is { } most && IsLarger(context.Request.Headers, most))
        {
            return HeaderTooLarge;
        }

        // A body whose length is not known before its end is counted on its way (RequestBody).
        return context.Request.ContentLength > limits.MaxBodyBytes ? BodyTooLarge : null;
    }

    private static bool IsLarger(IHeaderDictionary headers, long most)
    {
        long bytes = 0;
        foreach (KeyValuePair<string, StringValues> field in headers)
        {
            foreach (string? line in field.Value)
            {
                bytes += field.Key.Length + (line?.Length ?? 0) + FieldFraming;
            }
        }

        return bytes > most;
    }

    public static void WriteRetryAfter(HttpResponse response, LimitRefusal refusal)
    {
        if (refusal.RetryAfter > 0)
        {
            response.Headers.RetryAfter = refusal.RetryAfter.ToString(CultureInfo.InvariantCulture);
        }
    }

    private sealed class Visit(SiteGate gate, SiteGate.Client? client, bool isCounted)
    {
        public Task EndAsync()
        {
            gate.Leave(client, isCounted);
            return Task.CompletedTask;
        }
    }
}
