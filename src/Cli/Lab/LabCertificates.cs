using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Cli.Lab;

/// <summary>
/// A certificate authority that lives in the lab's data directory, and one certificate per site. Who trusts
/// <see cref="CaFile"/> can speak HTTPS to the lab's edges.
/// </summary>
internal sealed class LabCertificates(string directory, TimeProvider time)
{
    // A kept lab outlives a few months; nothing in the world trusts this authority but who was told to.
    private static readonly TimeSpan CaLifetime = TimeSpan.FromDays(365);

    // Below what clients accept (398 days), and made anew at every start.
    private static readonly TimeSpan SiteLifetime = TimeSpan.FromDays(90);

    // Virtual machines' clocks step.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    // RFC 5280 §4.1.2.2: positive, at most 20 octets.
    private const int SerialBytes = 16;

    public string CaFile { get; } = Path.Combine(directory, "ca.pem");

    private string CaKeyFile { get; } = Path.Combine(directory, "ca.key");

    public TlsConfig Of(string siteId) => new()
    {
        CertificateFile = Path.Combine(directory, siteId + ".pem"),
        KeyFile = Path.Combine(directory, siteId + ".key"),
    };

    /// <summary>Makes what is missing; an authority of an earlier start that is still valid is used again.</summary>
    public void Make(IEnumerable<SiteConfig> sites)
    {
        Directory.CreateDirectory(directory);
        using X509Certificate2 ca = LoadCa() ?? MakeCa();
        foreach (SiteConfig site in sites)
        {
            MakeSite(ca, site);
        }
    }

    private X509Certificate2? LoadCa()
    {
        if (!File.Exists(CaFile) || !File.Exists(CaKeyFile))
        {
            return null;
        }

        try
        {
            X509Certificate2 ca = X509Certificate2.CreateFromPemFile(CaFile, CaKeyFile);
            if (ca.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime + SiteLifetime)
            {
                return ca;
            }

            ca.Dispose();
            return null;
        }
        catch (CryptographicException)
        {
            // Cut short by a full disk or a kill: a new one costs nothing but trusting it anew.
            return null;
        }
    }

    private X509Certificate2 MakeCa()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=OrleansCdn lab CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset now = time.GetUtcNow();
        X509Certificate2 ca = request.CreateSelfSigned(now - ClockSkew, now + CaLifetime);
        WriteSecret(CaKeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CaFile, ca.ExportCertificatePem() + "\n");
        return ca;
    }

    private void MakeSite(X509Certificate2 ca, SiteConfig site)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=OrleansCdn lab {site.Id}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in site.Hosts)
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 1);
        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 certificate = request.Create(ca, now - (ClockSkew / 2), now + SiteLifetime, serial);
        TlsConfig files = Of(site.Id);
        WriteSecret(files.KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(files.CertificateFile, certificate.ExportCertificatePem() + "\n");
    }

    private static void WriteSecret(string path, string text) => SecretFile.Write(path, text + "\n");
}
