using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Security.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Origin;

/// <summary>Either an answer's header, with its body to come, or why there is none.</summary>
public readonly record struct UpstreamResult(UpstreamResponse? Response, UpstreamFailure Failure);

/// <summary>Sends requests to a site's origins and to other edges. Failures are values, not exceptions.</summary>
public sealed class UpstreamClient(OriginPool origins, PeerPool peers, EdgeMetrics metrics, TimeProvider time)
{
    /// <summary>A holder answers from memory or not at all; a shield gets this on top of what its origins may take.</summary>
    private static readonly TimeSpan PeerFirstByte = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PeerBetweenBytes = TimeSpan.FromSeconds(30);

    /// <param name="firstByte">Until the answer's header, from the request's end.</param>
    public async Task<UpstreamResult> FetchFromOriginAsync(
        OriginConfig origin, UpstreamRequest request, TimeSpan firstByte, CancellationToken cancellationToken)
    {
        InterimTapStream.Current.Value = request.Interim;
        metrics.Add(Counter.OriginFetches);
        string host = origin.HostHeader ?? request.Key.Authority;
        using HttpRequestMessage message = NewMessage(request, origin.Url.Scheme, origin.Url.Authority, host, VersionOf(origin), PolicyOf(origin));
        HttpMessageInvoker client = origins.ClientOf(origin, HostName(host));
        UpstreamResult result = await SendAsync(
            client, message, request.Body, firstByte, origin.BetweenBytesTimeout, cancellationToken).ConfigureAwait(false);
        if (result.Response is null)
        {
            metrics.Add(Counter.OriginErrors);
        }

        return result;
    }

    /// <param name="mode">One of <see cref="PeerHeaders"/>'s modes.</param>
    public async Task<UpstreamResult> FetchFromPeerAsync(
        PeerEdge peer, string from, string mode, PurgeCursor cursor, UpstreamRequest request, CancellationToken cancellationToken)
    {
        metrics.Add(Counter.PeerFetches);
        var uri = new Uri(peer.PeerUrl);
        using HttpRequestMessage message = NewMessage(
            request, uri.Scheme, uri.Authority, request.Key.Authority, HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        message.Headers.TryAddWithoutValidation(PeerHeaders.From, from);
        message.Headers.TryAddWithoutValidation(PeerHeaders.Mode, mode);
        message.Headers.TryAddWithoutValidation(PeerHeaders.Cursor, cursor.ToString());
        message.Headers.TryAddWithoutValidation(PeerHeaders.Scheme, request.Key.IsHttps ? "https" : "http");
        TimeSpan firstByte = mode == PeerHeaders.ModeShield
            ? request.Site.Origins.Select(o => o.FirstByteTimeout).Append(request.Site.Failover.TotalTimeout).Max() + PeerFirstByte
            : PeerFirstByte;
        UpstreamResult result = await SendAsync(peers.Client, message, request.Body, firstByte, PeerBetweenBytes, cancellationToken).ConfigureAwait(false);
        if (result.Response is { PeerResult: not PeerHeaders.ResultServed } response)
        {
            response.Dispose();
            return new UpstreamResult(null, UpstreamFailure.PeerHasNone);
        }

        result.Response?.Source = ResponseSource.Of(mode == PeerHeaders.ModeShield ? FilledFrom.Shield : FilledFrom.Edge, $"{peer.Pop}/{peer.Edge}");
        return result;
    }

    private async Task<UpstreamResult> SendAsync(
        HttpMessageInvoker client, HttpRequestMessage message, RequestBody? body, TimeSpan firstByte, TimeSpan betweenBytes,
        CancellationToken cancellationToken)
    {
        double requestedAt = time.MonotonicSeconds();
        using var timeout = new CancellationTokenSource(firstByte, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        HttpResponseMessage? answer = null;
        body?.Watch(timeout, firstByte);
        try
        {
            answer = await client.SendAsync(message, linked.Token).ConfigureAwait(false);
            UpstreamResponse? response = await UpstreamResponse.ReadAsync(
                answer, betweenBytes, requestedAt, time.MonotonicSeconds(), linked.Token).ConfigureAwait(false);
            if (response is null)
            {
                answer.Dispose();
                return new UpstreamResult(null, UpstreamFailure.InvalidResponse);
            }

            return new UpstreamResult(response, UpstreamFailure.None);
        }
        catch (Exception error) when (VisitorsFault(error) is { } fault)
        {
            answer?.Dispose();
            ExceptionDispatchInfo.Throw(fault);
            throw;
        }
        catch (Exception error) when (TransportFailure.Is(error) || error is OperationCanceledException or AuthenticationException)
        {
            answer?.Dispose();
            UpstreamFailure failure = cancellationToken.IsCancellationRequested ? UpstreamFailure.Aborted
                : timeout.IsCancellationRequested ? UpstreamFailure.FirstByteTimeout
                : Classify(error);
            return new UpstreamResult(null, failure);
        }
        finally
        {
            body?.Unwatch();
        }
    }

    /// <summary>The body that was being sent on is malformed: that is for the server to answer with 400, and no failure of the origin.</summary>
    private static BadHttpRequestException? VisitorsFault(Exception? error)
    {
        while (error is not null and not BadHttpRequestException)
        {
            error = error.InnerException;
        }

        return error as BadHttpRequestException;
    }

    public static UpstreamFailure Classify(Exception error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case AddressNotAllowedException:
                    return UpstreamFailure.AddressNotAllowed;
                case AuthenticationException:
                    return UpstreamFailure.TlsFailed;
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return UpstreamFailure.NameNotResolved;
                case SocketException { SocketErrorCode: SocketError.TimedOut } or TimeoutException or OperationCanceledException:
                    // The first-byte limit is told apart by the caller: this is the handler's own connect limit.
                    return UpstreamFailure.ConnectTimeout;
                default:
                    break;
            }
        }

        return error is HttpRequestException request
            ? request.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => UpstreamFailure.NameNotResolved,
                HttpRequestError.ConnectionError => UpstreamFailure.ConnectFailed,
                HttpRequestError.SecureConnectionError => UpstreamFailure.TlsFailed,
                HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError
                    or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.VersionNegotiationError => UpstreamFailure.InvalidResponse,
                _ => UpstreamFailure.Aborted,
            }
            : UpstreamFailure.Aborted;
    }

    private static HttpRequestMessage NewMessage(
        UpstreamRequest request, string scheme, string authority, string host, Version version, HttpVersionPolicy policy)
    {
        // The bytes of path and query go out as they came in; System.Uri would decode and tidy them.
        var uri = new Uri($"{scheme}://{authority}{request.Key.Target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(request.Method), uri) { Version = version, VersionPolicy = policy };
        message.Headers.Host = host;
        message.Content = request.Body?.NewContent();
        foreach (KeyValuePair<string, StringValues> field in request.Fields)
        {
            if (!message.Headers.TryAddWithoutValidation(field.Key, (IEnumerable<string?>)field.Value))
            {
                message.Content?.Headers.TryAddWithoutValidation(field.Key, (IEnumerable<string?>)field.Value);
            }
        }

        return message;
    }

    public static Version VersionOf(OriginConfig origin) => origin.Protocol switch
    {
        OriginProtocol.Http1 => HttpVersion.Version11,
        OriginProtocol.Http2 => HttpVersion.Version20,
        OriginProtocol.Auto => origin.Url.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
        _ => throw new UnreachableException(),
    };

    public static HttpVersionPolicy PolicyOf(OriginConfig origin) =>
        origin.Protocol == OriginProtocol.Auto ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact;

    public static string HostName(string host)
    {
        int colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }
}
