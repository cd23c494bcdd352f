using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Http;

/// <summary>
/// Writes interim responses to one HTTP/1.1 visitor while it waits for the final one. Kestrel has no call for that, so they
/// go straight into the connection's output, which nobody else writes to before the final response begins: the owner closes
/// the relay first.
/// </summary>
public sealed class InterimRelay : IInterimReader
{
    /// <summary>RFC 8297; the framework has no name for it.</summary>
    private const int EarlyHints = 103;

    private readonly PipeWriter _output;
    private readonly InterimResponses _source;
    private ValueTask<FlushResult> _flush;
    private bool _isBroken;

    private InterimRelay(PipeWriter output, InterimResponses source)
    {
        _output = output;
        _source = source;
    }

    /// <summary>
    /// Null where it cannot be done: HTTP/1.0 knows no interim responses, HTTP/2 frames are Kestrel's own, and while a body
    /// is read Kestrel may write a 100 of its own.
    /// </summary>
    public static InterimRelay? Open(HttpContext context, InterimResponses source)
    {
        if (!HttpProtocol.IsHttp11(context.Request.Protocol) || context.Response.HasStarted
            || context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0
            || context.Features.Get<IConnectionTransportFeature>() is not { } connection)
        {
            return null;
        }

        var relay = new InterimRelay(connection.Transport.Output, source);
        source.Add(relay);
        return relay;
    }

    void IInterimReader.Write(InterimResponse response)
    {
        if (_isBroken || !_flush.IsCompleted)
        {
            // A visitor that does not read misses hints, and holds nobody up.
            return;
        }

        try
        {
            var text = new StringBuilder("HTTP/1.1 ")
                .Append(response.Status.ToString(CultureInfo.InvariantCulture)).Append(' ')
                .Append(response.Status == EarlyHints ? "Early Hints" : ReasonPhrases.GetReasonPhrase(response.Status)).Append("\r\n");
            foreach (KeyValuePair<string, StringValues> field in response.Fields)
            {
                text.Append(field.Key).Append(": ").Append(field.Value.ToString()).Append("\r\n");
            }

            Encoding.Latin1.GetBytes(text.Append("\r\n").ToString(), _output);
            _flush = _output.FlushAsync().Preserve();
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or OperationCanceledException)
        {
            // The visitor has gone, and its connection with it.
            _isBroken = true;
        }
    }

    /// <summary>To be awaited before the final response is begun.</summary>
    public async ValueTask CloseAsync()
    {
        _source.Remove(this);
        try
        {
            await _flush.ConfigureAwait(false);
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or OperationCanceledException)
        {
            // As above.
        }
    }
}
