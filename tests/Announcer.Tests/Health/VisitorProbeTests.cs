using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Health;

/// <summary>The probe of the edge against servers that are the edge, are something else, or are nothing.</summary>
public sealed class VisitorProbeTests : IDisposable
{
    private const string Name = "www.example.net";
    private const string Ok = "HTTP/1.1 200 OK\r\n";

    private readonly X509Certificate2Collection _authorities = [];

    public void Dispose()
    {
        foreach (X509Certificate2 authority in _authorities)
        {
            authority.Dispose();
        }
    }

    [Fact]
    public async Task The_right_answer_counts_and_each_question_is_another_one()
    {
        List<string> heads = [];
        using ScriptedServer server = new((stream, head) =>
        {
            heads.Add(head);
            return AnswerAsync(stream, head);
        });
        using VisitorProbe probe = Probe(server);
        for (int i = 0; i < 2; i++)
        {
            ProbeFinding finding = await probe.AskAsync(CancellationToken.None);
            Assert.True(finding.IsOk, finding.Evidence);
            Assert.StartsWith($"http://{server.At}/: answered in ", finding.Evidence, StringComparison.Ordinal);
            Assert.Null(finding.Certificate);
        }

        Assert.All(heads, head => Assert.Matches("^GET /.well-known/cdn/probe/waw/waw1/[0-9a-f]{32} HTTP/1.1\r\n", head));
        Assert.All(heads, head => Assert.Contains("\r\nHost: probe.cdn.invalid\r\n", head, StringComparison.Ordinal));
        Assert.All(heads, head => Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal));
        Assert.NotEqual(heads[0][..80], heads[1][..80]);
        Assert.Equal(2, server.Connections); // each shows that connections can be made
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nWelcome to nginx", "not this server's answer, 'Welcome to ngin'")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "not this server's answer, nothing")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 52\r\n\r\ncdn-probe lax/lax1 0123456789abcdef0123456789abcdef\n\n", "not this server's answer, 'cdn-probe lax/lax1 ")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "status 204, nothing")]
    [InlineData("HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "status 301, nothing")]
    [InlineData("HTTP/1.1 421 Misdirected Request\r\nContent-Length: 13\r\n\r\n421: ... (lax)", "status 421, '421: ... (lax'")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\nno\x1b[2J\n", "status 503, 'no [2J'")]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n", "no answer: ")]
    [InlineData("", "no answer: ")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\ncut off", "no end of the answer: ")]
    public async Task Other_answers_are_told_as_they_are(string answer, string evidence)
    {
        using var server = ScriptedServer.Saying(answer);
        using VisitorProbe probe = Probe(server);
        ProbeFinding finding = await probe.AskAsync(CancellationToken.None);
        Assert.False(finding.IsOk);
        Assert.StartsWith($"http://{server.At}/: {evidence}", finding.Evidence, StringComparison.Ordinal);
        Assert.DoesNotContain(finding.Evidence, char.IsControl);
    }

    /// <summary>A page that repeats what it was asked for is not the answer, nor is the right answer with something after it.</summary>
    [Fact]
    public async Task An_echo_is_no_answer()
    {
        using ScriptedServer echo = new((stream, head) => WriteAsync(stream, $"{Ok}\r\nNot found: {head.Split(' ')[1]}\n"));
        using VisitorProbe probe = Probe(echo);
        Assert.Contains("not this server's answer", (await probe.AskAsync(CancellationToken.None)).Evidence, StringComparison.Ordinal);

        using ScriptedServer more = new((stream, head) => WriteAsync(stream, $"{Ok}\r\n{Body(head)}<!-- proxy -->"));
        using VisitorProbe second = Probe(more);
        Assert.Contains("not this server's answer", (await second.AskAsync(CancellationToken.None)).Evidence, StringComparison.Ordinal);
    }

    /// <summary>The answer to an earlier question, as a cache would give it.</summary>
    [Fact]
    public async Task A_remembered_answer_is_no_answer()
    {
        string? first = null;
        using ScriptedServer cache = new((stream, head) => WriteAsync(stream, $"{Ok}\r\n{first ??= Body(head)}"));
        using VisitorProbe probe = Probe(cache);
        Assert.True((await probe.AskAsync(CancellationToken.None)).IsOk);
        Assert.False((await probe.AskAsync(CancellationToken.None)).IsOk);
    }

    [Fact]
    public async Task Endless_bodies_and_headers_are_not_read_to_their_end()
    {
        long sent = 0;
        byte[] block = new byte[64 * 1024];
        using ScriptedServer body = new(async (stream, _) =>
        {
            await WriteAsync(stream, $"{Ok}\r\n");
            while (true)
            {
                await stream.WriteAsync(block);
                sent += block.Length;
            }
        });
        using VisitorProbe probe = Probe(body);
        Assert.Contains("not this server's answer", (await probe.AskAsync(CancellationToken.None)).Evidence, StringComparison.Ordinal);
        Assert.InRange(sent, 0, 64 << 20); // what sockets' buffers hold

        using ScriptedServer header = new(async (stream, _) =>
        {
            await WriteAsync(stream, Ok);
            while (true)
            {
                await WriteAsync(stream, $"X-Long: {new string('x', 1000)}\r\n");
            }
        });
        using VisitorProbe second = Probe(header);
        Assert.Contains("no answer: ", (await second.AskAsync(CancellationToken.None)).Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_is_one()
    {
        IPEndPoint at;
        using (ScriptedServer gone = ScriptedServer.Saying(""))
        {
            at = gone.At;
        }

        using VisitorProbe probe = new(Target(at), "waw", "waw1", [], TimeProvider.System);
        ProbeFinding finding = await probe.AskAsync(CancellationToken.None);
        Assert.StartsWith($"http://{at}/: no connection: ", finding.Evidence, StringComparison.Ordinal);
        Assert.Contains("refused", finding.Evidence, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>As an edge that is stopped: the kernel takes the connection, and nobody answers. The clock is the test's.</summary>
    [Theory]
    [InlineData("", "no answer within 2 s")]
    [InlineData("HTTP/1.1 200", "no answer within 2 s")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\ncdn-probe", "no end of the answer within 2 s")]
    public async Task Whoever_does_not_finish_is_not_waited_for(string answer, string evidence)
    {
        TaskCompletionSource<bool> said = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource over = new();
        using ScriptedServer server = new(async (stream, _) =>
        {
            await WriteAsync(stream, answer);
            said.SetResult(true);
            await over.Task;
        });
        FakeTimeProvider time = new();
        using VisitorProbe probe = new(Target(server.At), "waw", "waw1", [], time);
        Task<ProbeFinding> asking = probe.AskAsync(CancellationToken.None);
        await said.Task.WaitAsync(Seen.Limit);
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(asking.IsCompleted);
        while (!asking.IsCompleted)
        {
            // What was sent may not have been read yet when the time is over; then it is the stage before it that is told.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            time.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.Equal($"http://{server.At}/: {evidence}", (await asking).Evidence);
        over.SetResult();
    }

    [Fact]
    public async Task Being_stopped_is_no_finding()
    {
        using var mute = RawBgpPeer.Listen();
        using VisitorProbe probe = new(Target((IPEndPoint)mute.LocalEndPoint!), "waw", "waw1", [], TimeProvider.System);
        using CancellationTokenSource stop = new();
        Task<ProbeFinding> asking = probe.AskAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task Over_tls_the_certificate_is_told_of()
    {
        using X509Certificate2 good = Issue(Name, 64);
        ProbeFinding finding = await AskTlsAsync(good, _authorities);
        Assert.True(finding.IsOk, finding.Evidence);
        Assert.StartsWith("https://127.0.0.1:", finding.Evidence, StringComparison.Ordinal);
        Assert.True(finding.Certificate!.IsOk, finding.Certificate.Evidence);
        Assert.Matches("^www.example.net ends [0-9]{4}-[0-9]{2}-[0-9]{2}, in 6[34] days$", finding.Certificate.Evidence);
    }

    /// <summary>Each of them is answered through: the edge works, and every other edge shows the same certificate.</summary>
    [Theory]
    [InlineData("www.example.net", 13, true, "ends ")]
    [InlineData("www.example.net", -1, true, "www.example.net ended ")]
    [InlineData("www.example.net", 64, false, "; this server does not trust it: ")]
    [InlineData("other.example.net", 64, true, "the certificate does not name www.example.net: visitors refuse it")]
    public async Task A_certificate_that_visitors_refuse_is_a_fault_of_its_own(string name, int days, bool isTrusted, string evidence)
    {
        using X509Certificate2 certificate = Issue(name, days);
        ProbeFinding finding = await AskTlsAsync(certificate, isTrusted ? _authorities : []);
        Assert.True(finding.IsOk, finding.Evidence);
        Assert.False(finding.Certificate!.IsOk);
        Assert.Contains(evidence, finding.Certificate.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_tls_session_is_a_hard_fault()
    {
        using var plain = ScriptedServer.Saying("HTTP/1.1 400 Bad Request\r\n\r\n");
        using VisitorProbe probe = new(Target(plain.At, Name), "waw", "waw1", [], TimeProvider.System);
        ProbeFinding finding = await probe.AskAsync(CancellationToken.None);
        Assert.False(finding.IsOk);
        Assert.StartsWith($"https://{plain.At}/?name={Name}: no TLS session: ", finding.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_url_of_something_else_needs_status_200()
    {
        using var edge = new ProbedEdge();
        using var probe = new UrlProbe(new ProbeTarget("url", new Uri(edge.Url), null, null), TimeProvider.System);
        Assert.Equal(new ProbeFinding(false, $"{edge.Url} answered status 503"), await probe.AskAsync(CancellationToken.None));
        edge.IsWell = true;
        Assert.Equal(new ProbeFinding(true, $"{edge.Url} answered status 200"), await probe.AskAsync(CancellationToken.None));
        edge.Dispose();
        ProbeFinding gone = await probe.AskAsync(CancellationToken.None);
        Assert.False(gone.IsOk);
        Assert.Contains("refused", gone.Evidence, StringComparison.OrdinalIgnoreCase);
        using var mute = RawBgpPeer.Listen();
        using var second = new UrlProbe(new ProbeTarget("url", new Uri($"http://{mute.LocalEndPoint}/x"), null, null), TimeProvider.System);
        Assert.Equal($"http://{mute.LocalEndPoint}/x did not answer within 2 s", (await second.AskAsync(CancellationToken.None)).Evidence);
    }

    private static async Task<ProbeFinding> AskTlsAsync(X509Certificate2 certificate, X509Certificate2Collection trusted)
    {
        using ScriptedServer server = new(AnswerAsync, certificate);
        using VisitorProbe probe = new(Target(server.At, Name), "waw", "waw1", trusted, TimeProvider.System);
        return await probe.AskAsync(CancellationToken.None);
    }

    private static VisitorProbe Probe(ScriptedServer server) => new(Target(server.At), "waw", "waw1", [], TimeProvider.System);

    private static ProbeTarget Target(IPEndPoint at, string? name = null) =>
        name is null ? new ProbeTarget("http", new Uri($"http://{at}/"), at, null) : new ProbeTarget("tls", new Uri($"https://{at}/?name={name}"), at, name);

    private static Task AnswerAsync(Stream stream, string head) => WriteAsync(stream, $"{Ok}\r\n{Body(head)}");

    /// <summary>As an edge writes it, spelt out.</summary>
    private static string Body(string head) => $"cdn-probe waw/waw1 {head.Split(' ')[1].Split('/')[^1]}\n";

    private static Task WriteAsync(Stream stream, string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    private X509Certificate2 Issue(string name, int days)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=test CA", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 signer = authority.CreateSelfSigned(now.AddDays(-100), now.AddDays(100));
        _authorities.Add(X509CertificateLoader.LoadCertificate(signer.RawData));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued = request.Create(signer, now.AddDays(-90), now.AddDays(days), [1, 2, 3, 4]);
        using X509Certificate2 withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
