using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Node.Links;

/// <summary>
/// One feed connection from its first byte to its end: one HTTP/2 request whose body and response both stay open, a line a message.
/// Whatever the silo does, the outcome is a <see cref="FeedEnd"/>.
/// </summary>
public sealed class FeedExchange(Uri feed, int maxLineBytes, HttpMessageInvoker http, TimeProvider time)
{
    /// <summary>Writes this side's lines until it is cancelled. A <see cref="TimeoutException"/> says that the silo does not read.</summary>
    public required Func<Stream, CancellationToken, Task> Upload { get; init; }

    /// <summary>Takes one line of the silo; gives the end that it makes necessary, or null.</summary>
    public required TakeLine Take { get; init; }

    /// <param name="line">Valid during the call alone.</param>
    public delegate FeedEnd? TakeLine(in ReadOnlySequence<byte> line);

    public async Task<FeedEnd> RunAsync(CancellationToken stop)
    {
        using CancellationTokenSource silence = new(FeedProtocol.SilenceLimit, time);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, stop);
        TaskCompletionSource<FeedEnd?> uploaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool bodyStarted = false;
        using HttpRequestMessage request = new(HttpMethod.Post, feed)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new DuplexContent(FeedProtocol.ContentType, async (stream, _) =>
            {
                bodyStarted = true;
                FeedEnd? end = await UploadAsync(uploaded, stream, ended.Token);
                if (end is not null)
                {
                    await ended.CancelAsync();
                }
            }),
        };

        FeedEnd? downloadEnd = null;
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, ended.Token);
            downloadEnd = CheckResponse(response) ?? await DownloadAsync(response, silence, ended.Token);
        }
        catch (OperationCanceledException)
        {
            // Which of the three ended it is told below.
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            downloadEnd = new FeedEnd(FeedEndReason.Unreachable, Describe(e));
        }
        catch (IOException e)
        {
            downloadEnd = new FeedEnd(FeedEndReason.Closed, Describe(e));
        }

        bool silent = silence.IsCancellationRequested;
        await ended.CancelAsync();
        FeedEnd? uploadEnd = bodyStarted ? await uploaded.Task : null;
        return stop.IsCancellationRequested
            ? new FeedEnd(FeedEndReason.Stopping, "this side ended it")
            : downloadEnd
                ?? uploadEnd
                ?? (silent ? new FeedEnd(FeedEndReason.Silent, $"nothing arrived for {FeedProtocol.SilenceLimit.TotalSeconds:0} s") : null)
                ?? throw new UnreachableException("a feed connection ended without a reason");
    }

    private async Task<FeedEnd?> UploadAsync(TaskCompletionSource<FeedEnd?> uploaded, Stream stream, CancellationToken ended)
    {
        FeedEnd? end = null;
        try
        {
            await Upload(stream, ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The other half ended it, and says why.
        }
        catch (TimeoutException e)
        {
            end = new FeedEnd(FeedEndReason.Stalled, e.Message);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            end = new FeedEnd(FeedEndReason.Closed, Describe(e));
        }
        catch (Exception e)
        {
            uploaded.TrySetException(e);
            throw;
        }

        uploaded.TrySetResult(end);
        return end;
    }

    private static FeedEnd? CheckResponse(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new FeedEnd(FeedEndReason.NotAFeed, $"the answer was status {(int)response.StatusCode}; --silo must name the feed's address, not the API's");
        }

        string? mediaType = response.Content.Headers.ContentType?.MediaType;
        return mediaType == FeedProtocol.ContentType
            ? null
            : new FeedEnd(FeedEndReason.NotAFeed, $"the answer was '{mediaType}' instead of {FeedProtocol.ContentType}; --silo must name the feed's address, not the API's");
    }

    private async Task<FeedEnd> DownloadAsync(HttpResponseMessage response, CancellationTokenSource silence, CancellationToken ended)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(ended);
        await using LineReader lines = new(body, maxLineBytes);
        while (true)
        {
            switch (await lines.ReadAsync(ended))
            {
                case LineRead.End:
                    return new FeedEnd(FeedEndReason.Closed, "the silo closed it");
                case LineRead.TooLong:
                    return new FeedEnd(FeedEndReason.LineTooLong, $"a line of more than {maxLineBytes} bytes");
            }

            silence.CancelAfter(FeedProtocol.SilenceLimit);
            if (Take(lines.Line) is { } end)
            {
                return end;
            }
        }
    }

    /// <summary>The innermost message: the outer ones say only that something failed.</summary>
    private static string Describe(Exception e) => OneLine.Printable(e.GetBaseException().Message);
}
