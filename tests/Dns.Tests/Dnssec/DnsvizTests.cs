using System.Globalization;
using System.Text.Json;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Dnssec;

/// <summary>DNSViz looks at the signed zone: keys, signatures, denials, how the server speaks EDNS and cookies.</summary>
public sealed class DnsvizTests
{
    private const string Zone = TestServer.Zone;

    [Fact]
    public async Task Dnsviz_finds_every_signature_valid_and_nothing_wrong()
    {
        JsonElement seen = await ExamineAsync(new SignedZone());
        string[] statuses = [.. Values(seen, "status")];
        Assert.True(statuses.Count(s => s == "VALID") > 10, string.Join(" ", statuses));
        Assert.All(statuses, status => Assert.True(status is "VALID" or "NOERROR", status));
        Assert.Empty(Values(seen, "errors"));
    }

    /// <summary>It would notice.</summary>
    [Fact]
    public async Task Dnsviz_finds_signatures_of_which_a_bit_is_another()
    {
        var zone = new SignedZone();
        var damaged = new SignedZone
        {
            Data = new DnsData { Zones = new ZoneTable(zone.Data.Zones.Zones[0] with { Signer = new DamagedSigner(zone.Signer) }) },
        };
        Assert.Contains("INVALID_SIG", Values(await ExamineAsync(damaged), "status"));
    }

    private static async Task<JsonElement> ExamineAsync(SignedZone zone)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("cdn-dnsviz-");
        (DnsServer server, int port) = await zone.ListenAsync();
        await using DnsServer ended = server;
        string probe = Path.Combine(directory.FullName, "probe.json");
        try
        {
            string at = string.Create(CultureInfo.InvariantCulture, $"ns-waw.example.net=127.0.0.1:{port}");
            await Tool.OutputAsync("dnsviz", "probe", "-4", "-A", "-x", $"{Zone}+:{at}", "-o", probe, Zone);
            using JsonDocument document = JsonDocument.Parse(await Tool.OutputAsync("dnsviz", "grok", "-l", "debug", "-r", probe, "-c"));
            return document.RootElement.GetProperty($"{Zone}.").Clone();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>All values of properties of this name, as text.</summary>
    private static IEnumerable<string> Values(JsonElement element, string name) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.Name == name ? [p.Value.ToString()] : Values(p.Value, name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(each => Values(each, name)),
        _ => [],
    };

    private sealed class DamagedSigner(ZoneSigner whole) : ZoneSigner
    {
        public override bool CanSign => whole.CanSign;

        public override RrSet? KeySet(DnsType type) => whole.KeySet(type);

        public override int Sign(ReadOnlySpan<byte> owner, RrSetView set, uint unixTime, Span<byte> signatures)
        {
            int length = whole.Sign(owner, set, unixTime, signatures);
            signatures[length - 1] ^= 1;
            return length;
        }

        public override int Deny(ReadOnlySpan<byte> owner, bool exists, ReadOnlySpan<DnsType> types, Span<byte> rdata) => whole.Deny(owner, exists, types, rdata);
    }
}
