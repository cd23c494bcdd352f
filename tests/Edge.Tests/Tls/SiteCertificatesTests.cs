using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Tests.Control;
using OrleansCdn.Edge.Tls;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Tls;

public sealed class SiteCertificatesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TempDirectory _files = new();
    private readonly ListLogger _log = new();
    private readonly EdgeState _state = new("waw", "waw1", new PurgeIndex());
    private readonly TestCertificates _made;
    private readonly SiteCertificates _certificates;

    public SiteCertificatesTests()
    {
        _made = new TestCertificates(_files.Path);
        _certificates = new SiteCertificates(_state, _time, _log);
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _made.Dispose();
        _files.Dispose();
    }

    private static TlsConfig Tls((string Certificate, string Key) files) => new() { CertificateFile = files.Certificate, KeyFile = files.Key };

    private void Use(long version, params SiteConfig[] sites) => _state.Replace(new EdgeSnapshot("e", version, Configs.One(sites: sites)));

    private string? Subject(string? name) => _certificates.Find(name)?.ServerCertificateContext?.TargetCertificate.Subject;

    [Fact]
    public void An_exact_host_wins_over_a_wildcard_and_a_longer_wildcard_over_a_shorter()
    {
        Use(
            1,
            Configs.Site("exact", Tls(_made.Write("exact", "www.example.net")), "www.example.net"),
            Configs.Site("wide", Tls(_made.Write("wide", "*.example.net")), "*.example.net"),
            Configs.Site("deep", Tls(_made.Write("deep", "*.eu.example.net")), "*.eu.example.net"),
            Configs.Site("plain", null, "plain.example.org"));
        _certificates.Start();
        Assert.Equal("CN=exact", Subject("www.example.net"));
        Assert.Equal("CN=exact", Subject("WWW.Example.NET"));
        Assert.Equal("CN=wide", Subject("other.example.net"));
        Assert.Equal("CN=deep", Subject("a.eu.example.net"));
        Assert.Null(Subject("example.net"));
        Assert.Null(Subject("plain.example.org"));
        Assert.Null(Subject("unknown.example.com"));
        Assert.Null(Subject(""));
        Assert.Null(Subject(null));
        Assert.Null(Subject(new string('a', 70_000) + ".example.net"));
        Assert.Same(_certificates.Find("www.example.net"), _certificates.Find("www.example.net"));
        Assert.All(_certificates.Status, s => Assert.Null(s.Problem));
        Assert.Equal(["exact", "wide", "deep"], _certificates.Status.Select(s => s.Site));
    }

    [Fact]
    public void A_new_config_is_used_by_the_next_handshake()
    {
        Use(1, Configs.Site("a", Tls(_made.Write("a", "a.example.net")), "a.example.net"));
        _certificates.Start();
        Use(2, Configs.Site("b", Tls(_made.Write("b", "b.example.net")), "b.example.net"));
        Assert.Equal("CN=b", Subject("b.example.net"));
        Assert.Null(Subject("a.example.net"));
    }

    [Fact]
    public void A_replaced_file_is_picked_up_and_a_broken_one_is_not()
    {
        (string Certificate, string Key) files = _made.Write("a", "a.example.net");
        Use(1, Configs.Site("a", Tls(files), "a.example.net"));
        _certificates.Start();
        string first = _certificates.Find("a.example.net")!.ServerCertificateContext!.TargetCertificate.SerialNumber;

        _made.Write("a", "a.example.net");
        File.SetLastWriteTimeUtc(files.Certificate, new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        _time.Advance(SiteCertificates.LookInterval);
        string second = _certificates.Find("a.example.net")!.ServerCertificateContext!.TargetCertificate.SerialNumber;
        Assert.NotEqual(first, second);

        foreach (string broken in new[] { "", "nonsense", File.ReadAllText(_made.AuthorityFile), new string('x', PemPair.MaxFileBytes + 1) })
        {
            File.WriteAllText(files.Certificate, broken);
            _time.Advance(SiteCertificates.LookInterval);
            Assert.Equal(second, _certificates.Find("a.example.net")!.ServerCertificateContext!.TargetCertificate.SerialNumber);
            Assert.NotNull(Assert.Single(_certificates.Status).Problem);
        }

        File.Delete(files.Certificate);
        _time.Advance(SiteCertificates.LookInterval);
        Assert.Equal(second, _certificates.Find("a.example.net")!.ServerCertificateContext!.TargetCertificate.SerialNumber);

        _made.Write("a", "a.example.net");
        _time.Advance(SiteCertificates.LookInterval);
        Assert.Null(Assert.Single(_certificates.Status).Problem);
        Assert.NotEqual(second, _certificates.Find("a.example.net")!.ServerCertificateContext!.TargetCertificate.SerialNumber);
    }

    [Fact]
    public void Trouble_is_visible_and_stays_with_its_site()
    {
        (string Certificate, string Key) other = _made.Write("other", "other.example.net");
        Use(
            1,
            Configs.Site("missing", new TlsConfig { CertificateFile = _files.File("no.pem"), KeyFile = _files.File("no.key") }, "missing.example.net"),
            Configs.Site("mixed", new TlsConfig { CertificateFile = _made.Write("mixed", "mixed.example.net").Certificate, KeyFile = other.Key }, "mixed.example.net"),
            Configs.Site("wrong", Tls(_made.Write("wrong", "elsewhere.example.net")), "wrong.example.net"),
            Configs.Site("ended", Tls(_made.WriteUntil("ended", new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero), "ended.example.net")), "ended.example.net"),
            Configs.Site("good", Tls(_made.Write("good", "good.example.net")), "good.example.net"));
        _certificates.Start();
        Assert.Null(Subject("missing.example.net"));
        Assert.Null(Subject("mixed.example.net"));
        Assert.Equal("CN=good", Subject("good.example.net"));
        Assert.Equal(["good"], _certificates.Status.Where(s => s.Problem is null).Select(s => s.Site));
        Assert.Contains("does not name wrong.example.net", _certificates.Status.Single(s => s.Site == "wrong").Problem, StringComparison.Ordinal);
        Assert.Contains("ended", _certificates.Status.Single(s => s.Site == "ended").Problem, StringComparison.Ordinal);
    }
}
