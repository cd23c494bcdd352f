using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

public sealed class TlsTests : IAsyncLifetime
{
    private readonly TestData _data = new();
    private readonly TestCa _ca = new("the CA");
    private RunningSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _ca.WriteTo(_data.Directory, "silo");
        _silo = await RunningSilo.StartAsync(
            _data, null,
            "--feed-cert", Path.Combine(_data.Directory, "silo.pem"),
            "--feed-key", Path.Combine(_data.Directory, "silo.key"),
            "--feed-ca", Path.Combine(_data.Directory, "ca.pem"));
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task The_edge_of_the_certificate_is_welcome()
    {
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"), Handler(_ca.Issue("waw/waw1")));
        await edge.NextAsync<SiloWelcome>();
    }

    [Fact]
    public async Task Another_edges_certificate_is_refused_with_both_names()
    {
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"), Handler(_ca.Issue("lax/lax1")));
        string reason = (await edge.NextAsync<SiloRefusal>()).Reason;
        Assert.Contains("'waw/waw1'", reason, StringComparison.Ordinal);
        Assert.Contains("'lax/lax1'", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_certificate_or_with_one_of_another_CA_there_is_no_connection()
    {
        var other = new TestCa("another CA");
        await IsRefusedAsync(Handler(null));
        await IsRefusedAsync(Handler(other.Issue("waw/waw1")));
    }

    /// <summary>The alert comes after the client's own end of the handshake (TLS 1.3), so the request may already be under way.</summary>
    private async Task IsRefusedAsync(SocketsHttpHandler handler)
    {
        Exception? error = await Record.ExceptionAsync(() => ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"), handler));
        Assert.True(TransportFailure.Is(error) || error is OperationCanceledException, $"{error}");
    }

    private static SocketsHttpHandler Handler(X509Certificate2? certificate) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = certificate is null ? null : [certificate],
            RemoteCertificateValidationCallback = (_, server, _, _) => server?.Issuer == "CN=the CA",
        },
    };
}
