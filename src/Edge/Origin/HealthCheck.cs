using System.Globalization;
using System.Net;
using System.Security.Authentication;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Origin;

/// <summary>Which origin is checked, and how.</summary>
public sealed record HealthTarget(string Site, string Cdn, OriginConfig Origin, HealthCheckConfig Check, string Host)
{
    /// <summary>Null: the origin has no checks.</summary>
    public static HealthTarget? Of(SiteConfig site, OriginConfig origin, string cdn) => origin.Health is { } check
        ? new HealthTarget(site.Id, cdn, origin, check, check.Host ?? origin.HostHeader ?? FirstHost(site))
        : null;

    /// <summary>A wildcard's first name stands for all of them.</summary>
    private static string FirstHost(SiteConfig site) =>
        site.Hosts.FirstOrDefault(host => !host.StartsWith("*.", StringComparison.Ordinal)) ?? $"www{site.Hosts[0][1..]}";
}

/// <summary>One look at one origin: is the status of the answer's header an expected one? The body is not read.</summary>
public sealed class HealthCheck(OriginPool origins, TimeProvider time)
{
    /// <returns>Whether it is good, and what was seen: a status, or a token of <see cref="UpstreamFailureText"/>.</returns>
    public async Task<(bool IsGood, string Seen)> RunAsync(HealthTarget target, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(target.Check.Timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using HttpMessageInvoker client = origins.NewCheckClient(target.Origin, UpstreamClient.HostName(target.Host));
            using HttpRequestMessage message = NewMessage(target);
            using HttpResponseMessage answer = await client.SendAsync(message, either.Token).ConfigureAwait(false);
            int status = (int)answer.StatusCode;
            return (target.Check.Expects(status), status.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (TransportFailure.Is(error) || error is OperationCanceledException or AuthenticationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            UpstreamFailure failure = timeout.IsCancellationRequested ? UpstreamFailure.FirstByteTimeout : UpstreamClient.Classify(error);
            return (false, failure.Token());
        }
    }

    private static HttpRequestMessage NewMessage(HealthTarget target)
    {
        var uri = new Uri(
            $"{target.Origin.Url.GetLeftPart(UriPartial.Authority)}{target.Check.Path}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(HttpMethod.Get, uri)
        {
            Version = UpstreamClient.VersionOf(target.Origin),
            VersionPolicy = UpstreamClient.PolicyOf(target.Origin),
        };
        message.Headers.Host = target.Host;
        message.Headers.TryAddWithoutValidation("User-Agent", $"{target.Cdn} health check");
        if (message.Version == HttpVersion.Version11)
        {
            message.Headers.ConnectionClose = true;
        }

        return message;
    }
}
