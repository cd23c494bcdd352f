using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Silo.Notifications;

/// <summary>What a receiver's answer means, and what is shown of it.</summary>
internal static class WebhookAnswer
{
    /// <summary>Of a failure's body: chats say in a word what they do not like.</summary>
    private const int MaxBodyBytes = 512;

    public static DeliveryOutcome OutcomeOf(HttpStatusCode status) => (int)status switch
    {
        >= 200 and <= 299 => DeliveryOutcome.Delivered,
        408 or 429 or >= 500 => DeliveryOutcome.Unavailable,
        _ => DeliveryOutcome.Refused,
    };

    /// <summary>Null: it asks for nothing that can be understood.</summary>
    public static TimeSpan? RetryAfter(HttpResponseHeaders fields, DateTimeOffset now) => fields.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > now => date - now,
        _ => null,
    };

    public static async Task<string> EvidenceAsync(HttpResponseMessage response, DeliveryOutcome outcome, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        if (outcome == DeliveryOutcome.Delivered)
        {
            return $"answered {status}";
        }

        string mending = status switch
        {
            >= 300 and <= 399 => ", a redirect, which is not followed: give the URL that it leads to",
            401 or 403 => ": it knows neither the URL nor the signature; look at url or url-file, and at secret-file",
            404 => ": there is no such webhook there; look at url or url-file",
            410 => ", gone: the receiver wants no more; take the webhook out of the config, or make a new one there",
            >= 400 and <= 499 when outcome == DeliveryOutcome.Refused => ": it does not like what it gets; look at format",
            _ => "",
        };
        string said = await BeginningAsync(response, cancellationToken);
        return Line($"answered {status}{mending}{(said.Length == 0 ? "" : $" (it says: {said})")}");
    }

    /// <summary>One line of bounded length, whatever the receiver has put into it.</summary>
    public static string Line(string text)
    {
        string plain = string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return plain.Length <= DeliveryResult.MaxEvidenceLength ? plain : plain[..(DeliveryResult.MaxEvidenceLength - 1)] + "…";
    }

    /// <summary>As much of the body as is there at once or comes in time; the rest is not read.</summary>
    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            byte[] bytes = new byte[MaxBodyBytes];
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(bytes, 0, length).Trim();
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            return "";
        }
    }
}
