using System.Globalization;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Tests.Kit;

namespace OrleansCdn.Dns.Tests.Dnssec;

/// <summary>BIND's delv validates answers over sockets, with the zone's key as its trust anchor.</summary>
public sealed class DelvTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Zone = TestServer.Zone;

    private readonly SignedZone _zone = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cdn-delv-");
    private DnsServer _server = null!;
    private int _port;

    private string Anchors => Path.Combine(_directory.FullName, "anchors");

    public async Task InitializeAsync()
    {
        (_server, _port) = await _zone.ListenAsync();
        WriteAnchor(_zone.Anchor);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public static TheoryData<string, string, string> Answers()
    {
        (string Name, string Type, string Expected)[] cases =
        [
            ("mail", "A", "; fully validated|192.0.2.25"),
            ("multi", "A", "; fully validated|192.0.2.3"),
            ("www", "A", "; fully validated|192.0.2.10"),
            ("www", "AAAA", "; fully validated|2001:db8:a::10"),
            ("chain", "AAAA", "; fully validated|2001:db8::25"),
            ("foo.wild", "A", "; fully validated|192.0.2.8"),
            ("foo.cwild", "A", "; fully validated|192.0.2.25"),
            ("svc", "HTTPS", "; fully validated|alpn"),
            ("@", "DNSKEY", "; fully validated"),
            ("@", "CDS", "; fully validated"),
            ("@", "SOA", "; fully validated"),
            ("mail", "TXT", "; negative response, fully validated|NXRRSET"),
            ("b.c", "A", "; negative response, fully validated"),
            ("foo.wild", "AAAA", "; negative response, fully validated"),
            ("www", "MX", "; negative response, fully validated"),
            ("gone", "A", "; negative response, fully validated"),
            ("deep.below.gone", "A", "; negative response, fully validated"),
        ];
        var data = new TheoryData<string, string, string>();
        foreach (string transport in new[] { "+notcp", "+tcp" })
        {
            foreach ((string name, string type, string expected) in cases)
            {
                data.Add($"{(name == "@" ? Zone : $"{name}.{Zone}")} {type}", transport, expected);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Delv_validates(string question, string transport, string expected)
    {
        string output = await DelvAsync([.. question.Split(' '), transport]);
        Assert.All(expected.Split('|').Where(e => e != "NXRRSET"), part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    /// <summary>What the tests above show is worth nothing if delv takes everything.</summary>
    [Fact]
    public async Task Delv_refuses_the_same_with_another_key()
    {
        WriteAnchor(new SignedZone().Anchor);
        string output = await DelvAsync([$"mail.{Zone}", "A"]);
        Assert.DoesNotContain("fully validated", output, StringComparison.Ordinal);
    }

    private void WriteAnchor(string key)
    {
        string[] parts = key.Split(' ');
        File.WriteAllText(Anchors, $$"""trust-anchors { "{{Zone}}." static-key {{parts[0]}} {{parts[1]}} {{parts[2]}} "{{parts[3]}}"; };""");
    }

    private Task<string> DelvAsync(string[] question) => Tool.OutputAsync(
        "delv", ["@127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture), "-a", Anchors, $"+root={Zone}", "+nomtrace", .. question]);
}
