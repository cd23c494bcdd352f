using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OrleansCdn.Silo.Options;

namespace OrleansCdn.Silo.Hosting;

/// <summary>Where and how the silo listens.</summary>
internal static class Listeners
{
    /// <summary>Edges, announcers and operators of one network, many times over.</summary>
    private const int MaxConnections = 4096;

    /// <summary>Requests that one edge has under way: its feed, and one lease per object that it fills.</summary>
    private const int MaxStreamsPerConnection = 1024;

    /// <summary>A header that takes longer is an attempt to hold connections (Kestrel's own default is 30 s).</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    public static void Configure(KestrelServerOptions kestrel, SiloOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        // A feed is silent for seconds; what is too slow there is judged by lines, not by bytes.
        kestrel.Limits.MinResponseDataRate = null;

        kestrel.Listen(options.Api, listen =>
        {
            ListenerTag.Mark(listen, Listener.Api);
            listen.Protocols = options.ApiCertificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (options.ApiCertificate is { } files)
            {
                listen.UseHttps(Load(files));
            }
        });
        kestrel.Listen(options.Feed, listen =>
        {
            ListenerTag.Mark(listen, Listener.Feed);
            listen.Protocols = HttpProtocols.Http2;
            if (options.FeedCertificate is { } files)
            {
                listen.UseHttps(Mutual(files, options.FeedCa!));
            }
        });
    }

    private static HttpsConnectionAdapterOptions Mutual(CertificateFiles files, string caFile)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(caFile);
        return new HttpsConnectionAdapterOptions
        {
            ServerCertificate = Load(files),
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (certificate, presented, _) => IsOf(authorities, certificate, presented),
        };
    }

    /// <summary>The operator's own CA decides alone: neither the machine's trust store nor revocation servers are asked.</summary>
    private static bool IsOf(X509Certificate2Collection authorities, X509Certificate2 certificate, X509Chain? presented)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.2", "clientAuth"));
        chain.ChainPolicy.ExtraStore.AddRange(presented?.ChainPolicy.ExtraStore ?? []);
        return chain.Build(certificate);
    }

    private static X509Certificate2 Load(CertificateFiles files)
    {
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        // Through PKCS #12, so that the key is held the way that every platform's TLS accepts.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
