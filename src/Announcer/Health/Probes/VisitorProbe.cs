using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Announcer.Health.Probes;

/// <summary>
/// Asks the local edge as a visitor would (<see cref="ProbeQuestion"/>): a new connection to the address that visitors come to, TLS for a site's
/// host where the target says so, a request through the pipeline, and an answer that can only be this server's. A certificate that visitors refuse
/// is told of and is no failure: the server answers, and all others have the same one.
/// </summary>
internal sealed class VisitorProbe : IProbe
{
    private readonly ProbeQuestion _who;
    private readonly CertificateJudge _judge;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    // Of the question under way.
    private string _waitsFor = "";
    private CertificateFinding? _certificate;

    /// <param name="target">One of the edge.</param>
    /// <param name="pop">This server's.</param>
    /// <param name="edge">Its name.</param>
    /// <param name="authorities">Trusted beside those of the system.</param>
    /// <param name="time">Of limits and certificates.</param>
    public VisitorProbe(ProbeTarget target, string pop, string edge, X509Certificate2Collection authorities, TimeProvider time)
    {
        (Target, _who, _time) = (target, new ProbeQuestion(pop, edge, ""), time);
        _judge = new CertificateJudge(target.TlsName ?? "", authorities, time);
        SocketsHttpHandler handler = ProbeHttp.NewHandler();
        handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(cancellationToken);
        _http = new HttpMessageInvoker(handler);
    }

    public ProbeTarget Target { get; }

    public Task<ProbeFinding> AskAsync(CancellationToken cancellationToken)
    {
        long began = _time.GetTimestamp();
        (_waitsFor, _certificate) = ("no connection", null);
        return ProbeHttp.AskAsync(
            within => AskWithinAsync(began, within),
            why => Found(false, why is null ? string.Create(CultureInfo.InvariantCulture, $"{_waitsFor} within {ProbeHttp.Limit.TotalSeconds:0} s") : $"{_waitsFor}: {why}"),
            _time,
            cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<ProbeFinding> AskWithinAsync(long began, CancellationToken cancellationToken)
    {
        ProbeQuestion question = _who with { Nonce = RandomNumberGenerator.GetHexString(ProbeQuestion.MaxNonceLength, lowercase: true) };
        byte[] expected = Encoding.UTF8.GetBytes(question.Answer);

        // TLS is made while connecting: its server name is a site's, and the host is nobody's.
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri($"http://{ProbeQuestion.Host}{question.Path}"));
        request.Headers.ConnectionClose = true; // nobody's visitor: it is not to be counted as one when it has been answered
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
        _waitsFor = "no end of the answer";
        byte[] body = await ProbeHttp.ReadAsync(response, expected.Length + 1, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return Found(false, $"status {(int)response.StatusCode}, {ProbeHttp.Shown(body)}");
        }

        return body.AsSpan().SequenceEqual(expected)
            ? Found(true, string.Create(CultureInfo.InvariantCulture, $"answered in {_time.GetElapsedTime(began).TotalMilliseconds:0} ms"))
            : Found(false, $"not this server's answer, {ProbeHttp.Shown(body)}");
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        Socket socket = new(Target.At!.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(Target.At, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (Target.TlsName is not null)
        {
            stream = await HandshakeAsync(stream, Target.TlsName, cancellationToken);
        }

        _waitsFor = "no answer";
        return stream;
    }

    private async Task<SslStream> HandshakeAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        _waitsFor = "no TLS session";
        SslStream tls = new(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = name,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                    CertificateChainPolicy = CertificateJudge.Policy(),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        _certificate = certificate is X509Certificate2 shown ? _judge.Judge(shown, chain, errors) : null;
                        return certificate is not null; // what is wrong with it is evidence, not a reason to hang up
                    },
                },
                cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private ProbeFinding Found(bool isOk, string evidence) => new(isOk, $"{Target.Url}: {evidence}", _certificate);
}
