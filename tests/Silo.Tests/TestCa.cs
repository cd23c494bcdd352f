using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansCdn.Silo.Tests;

/// <summary>A CA of one test, and what it signs.</summary>
internal sealed class TestCa
{
    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddDays(-1);
    private readonly X509Certificate2 _certificate;

    public TestCa(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(From, From.AddDays(30));
    }

    /// <param name="commonName">Of whom.</param>
    /// <param name="address">That it is reached at; null: no alternative name.</param>
    public X509Certificate2 Issue(string commonName, IPAddress? address = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2"), new Oid("1.3.6.1.5.5.7.3.1")], false));
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address);
            request.CertificateExtensions.Add(names.Build());
        }

        using X509Certificate2 issued = request.Create(_certificate, From, From.AddDays(20), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>ca.pem, and a certificate with its key as NAME.pem and NAME.key.</summary>
    /// <param name="commonName">Null: the name.</param>
    public void WriteTo(string directory, string name, string? commonName = null)
    {
        using X509Certificate2 server = Issue(commonName ?? name, IPAddress.Loopback);
        File.WriteAllText(Path.Combine(directory, "ca.pem"), _certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, $"{name}.pem"), server.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, $"{name}.key"), server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }
}
