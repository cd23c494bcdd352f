using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using OrleansCdn.Node.Links;
using OrleansCdn.Node.Tls;

namespace OrleansCdn.Announcer.Health.Probes;

/// <summary>What a visitor makes of a certificate.</summary>
/// <param name="name">What was asked for.</param>
/// <param name="authorities">Trusted beside those of the system.</param>
/// <param name="time">Certificates end by the wall clock.</param>
internal sealed class CertificateJudge(string name, X509Certificate2Collection authorities, TimeProvider time)
{
    /// <summary>Of a chain that nothing is downloaded for: a probe waits for no other server.</summary>
    public static X509ChainPolicy Policy() => new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };

    /// <param name="certificate">The server's.</param>
    /// <param name="chain">As it was built; its status says what the system has against it.</param>
    /// <param name="errors">What is wrong.</param>
    public CertificateFinding Judge(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset end = certificate.NotAfter.ToUniversalTime();
        string term = $"{name} {CertificateTerm.Words(end, now)}";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return new CertificateFinding(false, $"the certificate does not name {name}: visitors refuse it");
        }

        if (CertificateTerm.IsNear(end, now))
        {
            return new CertificateFinding(false, term);
        }

        string? distrust = errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && !IsTrusted(certificate, chain) ? Reason(chain) : null;
        return distrust is null ? new CertificateFinding(true, term) : new CertificateFinding(false, $"{term}; this server does not trust it: {distrust}");
    }

    private bool IsTrusted(X509Certificate2 certificate, X509Chain? shown)
    {
        if (authorities.Count == 0)
        {
            return false;
        }

        using X509Chain chain = new() { ChainPolicy = Policy() };
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        foreach (X509ChainElement element in shown?.ChainElements.Skip(1) ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }

    private static string Reason(X509Chain? chain) =>
        chain?.ChainStatus is [var first, ..] ? OneLine.Printable(first.StatusInformation).Trim() : "it has no chain";
}
