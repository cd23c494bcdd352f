using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Silo.Hosting;

namespace OrleansCdn.Silo.Notifications;

/// <summary>Posts one delivery, and says how that went. Redirects are not followed, and only addresses that the webhook may use are connected to.</summary>
internal sealed class WebhookSender : IDisposable
{
    /// <summary>Of an answer's header: what servers send is a fraction of it.</summary>
    private const int MaxHeaderKilobytes = 16;

    private static readonly HttpRequestOptionsKey<NotificationConfig> WebhookKey = new("webhook");

    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public WebhookSender(TimeProvider time)
    {
        _time = time;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            MaxResponseDrainSize = 0,
            // A connection that one webhook may use must not serve another one; and addresses are looked at each time.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>Fails by its result alone.</summary>
    /// <param name="order">What is sent.</param>
    /// <param name="body">As bytes.</param>
    /// <param name="cancellationToken">This silo ends.</param>
    public async Task<DeliveryResult> SendAsync(DeliveryOrder order, byte[] body, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(order.Webhook.Timeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        HttpRequestMessage request;
        try
        {
            request = Request(order, body);
        }
        catch (IOException error)
        {
            return Result(order, DeliveryOutcome.NotReady, error.Message);
        }

        try
        {
            using HttpRequestMessage sent = request;
            using HttpResponseMessage response = await _http.SendAsync(sent, either.Token);
            DeliveryOutcome outcome = WebhookAnswer.OutcomeOf(response.StatusCode);
            return Result(
                order, outcome, await WebhookAnswer.EvidenceAsync(response, outcome, either.Token), WebhookAnswer.RetryAfter(response.Headers, _time.GetUtcNow()));
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested
                ? Result(order, DeliveryOutcome.Interrupted, "the silo ends")
                : Result(order, DeliveryOutcome.TimedOut, $"no answer within {Durations.Format(order.Webhook.Timeout)}");
        }
        catch (HttpRequestException error) when (error.InnerException is AddressNotAllowedException address)
        {
            return Result(order, DeliveryOutcome.NotAllowed, Explain(address));
        }
        catch (Exception error) when (TransportFailure.Is(error))
        {
            return Result(order, DeliveryOutcome.Unreachable, $"could not be reached: {error.GetBaseException().Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    /// <exception cref="IOException">A file cannot be used.</exception>
    private HttpRequestMessage Request(DeliveryOrder order, byte[] body)
    {
        NotificationConfig webhook = order.Webhook;
        ImmutableArray<byte[]> secrets = webhook.SecretFile is { } file ? WebhookSignature.ReadSecrets(file) : [];
        long timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, Url(webhook))
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Options.Set(WebhookKey, webhook);
        request.Headers.TryAddWithoutValidation("User-Agent", "OrleansCdn-webhook");
        request.Headers.TryAddWithoutValidation(WebhookSignature.IdField, order.Id);
        request.Headers.TryAddWithoutValidation(WebhookSignature.TimestampField, timestamp.ToString(CultureInfo.InvariantCulture));
        if (!secrets.IsEmpty)
        {
            request.Headers.TryAddWithoutValidation(WebhookSignature.SignatureField, WebhookSignature.Of(secrets, order.Id, timestamp, body));
        }

        return request;
    }

    /// <exception cref="IOException">The file cannot be used; what it holds is not repeated.</exception>
    private static Uri Url(NotificationConfig webhook)
    {
        if (webhook.Url is { } url)
        {
            return new Uri(url);
        }

        string line = SecretText.Read(webhook.UrlFile!)[0];
        if (WebhookUrls.Url.Parse(line, out string text) is { } problem)
        {
            throw new IOException($"file '{webhook.UrlFile}', line 1: {problem}; write {WebhookUrls.Url.Allowed}");
        }

        var uri = new Uri(text);
        return WebhookUrls.Problem(uri, webhook.AllowPrivate) is var (message, allowed)
            ? throw new IOException($"file '{webhook.UrlFile}': the URL {message}; allowed: {allowed}")
            : uri;
    }

    private static ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        bool isPlain = context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttp;
        bool mayBePrivate = context.InitialRequestMessage.Options.TryGetValue(WebhookKey, out NotificationConfig? webhook) && webhook.AllowPrivate;
        return CheckedConnection.OpenAsync(context.DnsEndPoint, IsAllowed, cancellationToken);

        bool IsAllowed(IPAddress address) => SpecialPurposeAddresses.Contains(address) ? mayBePrivate : !isPlain;
    }

    private static string Explain(AddressNotAllowedException error) => SpecialPurposeAddresses.Contains(error.Address)
        ? $"'{error.Host}' leads to {error.Address}, which is not a public address; set allow-private on the webhook if that is meant"
        : $"'{error.Host}' leads to {error.Address}, a public address, where events must not go in plain text; use https";

    private static DeliveryResult Result(DeliveryOrder order, DeliveryOutcome outcome, string evidence, TimeSpan? retryAfter = null) => new()
    {
        Id = order.Id,
        Attempt = order.Attempt,
        Outcome = outcome,
        Evidence = WebhookAnswer.Line(evidence),
        RetryAfter = retryAfter,
    };
}
