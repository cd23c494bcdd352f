using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace OrleansCdn.Node.Tls;

/// <summary>What every TLS session of an edge has in common.</summary>
public static class TlsDefaults
{
    /// <summary>RFC 8996 and RFC 9325 §3.1.1: nothing older than 1.2.</summary>
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>As <c>client_header_timeout</c> for the request that follows; a handshake takes two round trips.</summary>
    public static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    private static readonly List<SslApplicationProtocol> VisitorProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private static readonly List<SslApplicationProtocol> LinkProtocols = [SslApplicationProtocol.Http2];

    /// <summary>Options for the public listener; made once per certificate, since the context in them is what costs.</summary>
    public static SslServerAuthenticationOptions ForVisitors(PemPair pair) => new()
    {
        // Offline: a handshake never waits for a download of missing intermediates.
        ServerCertificateContext = SslStreamCertificateContext.Create(pair.Certificate, pair.Chain, offline: true),
        ApplicationProtocols = VisitorProtocols,
        EnabledSslProtocols = Protocols,
        AllowRenegotiation = false,
    };

    /// <summary>Options for the listener of other edges: they show a certificate of the same CA.</summary>
    public static SslServerAuthenticationOptions ForPeers(PemPair pair, X509Certificate2Collection authorities) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(pair.Certificate, pair.Chain, offline: true),
        ApplicationProtocols = LinkProtocols,
        EnabledSslProtocols = Protocols,
        AllowRenegotiation = false,
        ClientCertificateRequired = true,
        CertificateChainPolicy = Trust(authorities),
    };

    /// <summary>Options for connections to silos and other edges. The name is checked against the host of the URL.</summary>
    public static SslClientAuthenticationOptions ForLinks(PemPair? pair, X509Certificate2Collection? authorities) => new()
    {
        ClientCertificateContext = pair is null ? null : SslStreamCertificateContext.Create(pair.Certificate, pair.Chain, offline: true),
        ApplicationProtocols = LinkProtocols,
        EnabledSslProtocols = Protocols,
        AllowRenegotiation = false,
        CertificateChainPolicy = authorities is null ? null : Trust(authorities),
    };

    /// <summary>The CDN's own CA and no other; it is small enough to be replaced, so that nothing asks for revocation lists.</summary>
    private static X509ChainPolicy Trust(X509Certificate2Collection authorities)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
