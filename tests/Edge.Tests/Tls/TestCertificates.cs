using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansCdn.Edge.Tests.Tls;

/// <summary>A CA for one test, and certificates by it as PEM files.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Stop = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _directory;
    private long _serial = 1;

    public TestCertificates(string directory)
    {
        _directory = directory;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Authority = request.CreateSelfSigned(Start, Stop);
        AuthorityFile = Path.Combine(directory, "ca.pem");
        File.WriteAllText(AuthorityFile, Authority.ExportCertificatePem());
    }

    public X509Certificate2 Authority { get; }

    public string AuthorityFile { get; }

    /// <summary>Writes <c>NAME.pem</c> and <c>NAME.key</c>; a file of the same name is replaced as certificate tools do it.</summary>
    public (string Certificate, string Key) Write(string name, params string[] hosts) => WriteUntil(name, Stop, hosts);

    public (string Certificate, string Key) WriteUntil(string name, DateTimeOffset notAfter, params string[] hosts)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(Authority, Start, notAfter, BitConverter.GetBytes(_serial++));
        (string, string) files = (Path.Combine(_directory, name + ".pem"), Path.Combine(_directory, name + ".key"));
        Replace(files.Item1, certificate.ExportCertificatePem());
        Replace(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    public void Dispose() => Authority.Dispose();

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
