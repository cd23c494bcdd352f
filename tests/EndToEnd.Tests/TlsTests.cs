using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

[Collection(SharedLabCollection.Name)]
public sealed class TlsTests(SharedLab shared, ITestOutputHelper output)
{
    private RunningLab Lab => shared.Lab;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public Task Https_serves_with_the_labs_certificate(string version) => Lab.RunAsync(output, async () =>
    {
        foreach (string pop in TestNetwork.Pops)
        {
            using HttpClient http = Trusting(pop);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{TestNetwork.PopHost}/assets/64k.bin")
            {
                Version = Version.Parse(version),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using HttpResponseMessage answer = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(Version.Parse(version), answer.Version);
            await new Content("/assets/64k.bin").CheckToEndAsync(await answer.Content.ReadAsStreamAsync(), 64 * 1024);
        }
    });

    [Fact]
    public Task One_http2_connection_carries_many_requests_at_once() => Lab.RunAsync(output, async () =>
    {
        using HttpClient http = Trusting("waw");
        http.DefaultRequestVersion = HttpVersion.Version20;
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await Task.WhenAll(Enumerable.Range(1, 80).Select(async page =>
            Assert.Contains($"Sample page {page}<", await http.GetStringAsync($"https://{TestNetwork.PopHost}/pages/{page}"), StringComparison.Ordinal)));
    });

    [Fact]
    public Task A_name_that_no_site_has_gets_no_certificate() => Lab.RunAsync(output, async () =>
    {
        using HttpClient http = Trusting("waw");
        HttpRequestException e = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("https://nobody.test/")));
        Assert.True(e.InnerException is AuthenticationException or IOException, e.ToString());
    });

    /// <summary>Reaches every name at one PoP's HTTPS port, and trusts the lab's authority alone.</summary>
    private HttpClient Trusting(string pop)
    {
        IPEndPoint edge = IPEndPoint.Parse(Lab.Ready.Pops[pop].Https!);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Lab.Data, "tls", "ca.pem")));
        return new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(edge, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }
}
