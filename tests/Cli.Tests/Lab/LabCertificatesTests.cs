using System.Security.Cryptography.X509Certificates;
using OrleansCdn.Cli.Lab;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Cli.Tests.Lab;

public sealed class LabCertificatesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cdn-tls-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_sites_certificate_covers_its_hosts_and_chains_to_the_authority()
    {
        var certificates = new LabCertificates(_directory, TimeProvider.System);
        certificates.Make(ConfigReader.Read(Samples.Yaml).Config!.Sites);
        TlsConfig files = certificates.Of("www");
        using X509Certificate2 site = X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);
        Assert.True(site.MatchesHostname("www.example.net"));
        Assert.True(site.MatchesHostname("a.static.example.net"));
        Assert.False(site.MatchesHostname("other.example.net"));
        using X509Certificate2 ca = X509CertificateLoader.LoadCertificateFromFile(certificates.CaFile);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(site), string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation)));
    }

    [Fact]
    public void The_authority_stays_over_a_restart_and_a_damaged_one_is_replaced()
    {
        var certificates = new LabCertificates(_directory, TimeProvider.System);
        certificates.Make([]);
        string first = File.ReadAllText(certificates.CaFile);
        new LabCertificates(_directory, TimeProvider.System).Make([]);
        Assert.Equal(first, File.ReadAllText(certificates.CaFile));
        File.WriteAllText(certificates.CaFile, first[..100]);
        new LabCertificates(_directory, TimeProvider.System).Make([]);
        using X509Certificate2 replaced = X509CertificateLoader.LoadCertificateFromFile(certificates.CaFile);
        Assert.Equal("CN=OrleansCdn lab CA", replaced.Subject);
    }

    [Fact]
    public void Keys_and_tokens_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var certificates = new LabCertificates(_directory, TimeProvider.System);
        certificates.Make(ConfigReader.Read(Samples.Yaml).Config!.Sites);
        string token = LabToken.Ensure(_directory, Path.Combine(_directory, "tokens.json"));
        Assert.Equal(token, LabToken.Ensure(_directory, Path.Combine(_directory, "tokens.json")));
        Assert.DoesNotContain(token, File.ReadAllText(Path.Combine(_directory, "tokens.json")), StringComparison.Ordinal);
        foreach (string file in (string[])["ca.key", "www.key", "token", "tokens.json"])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, file)));
        }
    }
}
