using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>The HTTP of leases: one small JSON POST, one small JSON answer.</summary>
internal static class LeaseExchange
{
    /// <summary>A reply is a verdict, an id and at most one peer.</summary>
    public const int MaxReplyBytes = 16 * 1024;

    /// <summary>Ids come back in a report and stand in the silo's memory; real ones have some 32 characters.</summary>
    public const int MaxLeaseIdChars = 128;

    /// <exception cref="HttpRequestException">No connection, a status other than 200, or an answer that makes no sense.</exception>
    /// <exception cref="IOException">The connection broke in the middle of the answer.</exception>
    public static async Task<LeaseReply> AcquireAsync(HttpMessageInvoker http, Uri silo, LeaseRequest lease, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Post(new Uri(silo, FeedProtocol.LeaseAcquirePath), lease, ContractsJson.Default.LeaseRequest);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new HttpRequestException($"status {(int)response.StatusCode}");
        }

        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxReplyBytes + 1);
        try
        {
            int length = await body.ReadAtLeastAsync(buffer.AsMemory(0, MaxReplyBytes + 1), MaxReplyBytes + 1, throwOnEndOfStream: false, cancellationToken);
            LeaseReply? reply = length > MaxReplyBytes ? null : JsonSerializer.Deserialize(buffer.AsSpan(0, length), ContractsJson.Default.LeaseReply);
            return reply is not null && IsSound(reply) ? reply : throw new HttpRequestException("a reply that makes no sense");
        }
        catch (JsonException e)
        {
            throw new HttpRequestException("a reply that is not JSON", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <exception cref="HttpRequestException">No connection, or a status that is not a success.</exception>
    public static async Task ReportAsync(HttpMessageInvoker http, Uri silo, LeaseReport report, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Post(new Uri(silo, FeedProtocol.LeaseReportPath), report, ContractsJson.Default.LeaseReport);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>What the verdict needs is there, and the holder is one that may be asked.</summary>
    private static bool IsSound(LeaseReply reply) => reply.Verdict switch
    {
        LeaseVerdict.Fill => reply.LeaseId is { Length: > 0 and <= MaxLeaseIdChars },
        LeaseVerdict.FetchFrom => reply.Holder is { } holder && LinkUrl.TryParse(holder.PeerUrl, out _, out _),
        LeaseVerdict.Uncacheable or LeaseVerdict.Slow => true,
        _ => false,
    };

    private static HttpRequestMessage Post<T>(Uri url, T value, JsonTypeInfo<T> type)
    {
        ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(value, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
    }
}
