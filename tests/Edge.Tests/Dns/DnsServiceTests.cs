using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Dns;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Dns;

/// <summary>An edge's nameserver over its life: what is in force when, and where it listens.</summary>
public sealed class DnsServiceTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Yaml = """
        cluster: { name: sample }
        pops:
          one:
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            id-prefix: "2001:db8:1::/64"
            edges: [{ name: one1, http: "[::]:80", dns: "127.0.0.1:0", addresses: [192.0.2.1] }]
          two:
            location: { latitude: -33.9, longitude: 151.2, country: AU, continent: OC }
            edges: [{ name: two1, http: "[::]:80", addresses: [192.0.2.2] }]
        sites: { www: { hosts: [www.example.net], origins: [{ url: "https://origin.example.net" }] } }
        dns:
          rate-limit: { responses: 0 }
          zones:
            - { name: a.example, nameservers: [ns.example.net], steered: ["@", { name: visit, random-id: true }, { name: why, explain: true }], records: "static A 192.0.2.9" }
            - { name: b.example, nameservers: [ns.example.net], records: "static A 192.0.2.9" }

        """;

    private readonly EdgeState _state = new("one", "one1", new PurgeIndex());
    private readonly DnsService _service;
    private volatile IPEndPoint? _elsewhere;
    private long _version;

    public DnsServiceTests()
    {
        _service = new DnsService(
            _state,
            snapshot => snapshot.Config.Dns is null ? null : _elsewhere ?? snapshot.Config.Pops[0].Edges[0].Dns,
            TimeProvider.System,
            NullLoggerFactory.Instance);
        _state.EligibilityReplaced += _service.Changed;
        _state.EligibilityReplaced += _service.Compiler.EligibilityReplaced;
        _service.Start();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task It_listens_when_it_has_something_to_answer_with_and_ends_when_the_config_has_no_zones()
    {
        Assert.Empty(_service.Server.Endpoints);
        await ApplyAsync(Yaml);
        IPEndPoint at = Assert.Single(_service.Server.Endpoints);
        Assert.Equal("192.0.2.1", await AddressAsync(at, "a.example"));
        Assert.Equal((EdgeDnsState.Answering, 2, 1L), (_service.Summary()!.State, _service.Summary()!.Zones, _service.Summary()!.ConfigVersion));

        Apply(Yaml[..Yaml.IndexOf("dns:\n  rate-limit", StringComparison.Ordinal)]);
        await Seen.UntilAsync("it has stopped listening", () => _service.Server.Endpoints.IsEmpty);
        Assert.Null(_service.Summary());
    }

    /// <summary>PoPs are numbered by the config: zones of one with steering of another would send visitors to the wrong one.</summary>
    [Fact]
    public async Task Zones_and_steering_are_never_of_two_configs()
    {
        await ApplyAsync(Yaml);
        string swapped = Yaml.Replace("  one:", "  x:", StringComparison.Ordinal).Replace("  two:", "  one:", StringComparison.Ordinal).Replace("  x:", "  two:", StringComparison.Ordinal);
        for (int i = 0; i < 20; i++)
        {
            Apply(i % 2 == 0 ? swapped : Yaml);
            for (int look = 0; look < 50; look++)
            {
                DnsData data = _service.Data;
                string[] expected = data.ConfigVersion % 2 == 0 ? ["two", "one"] : ["one", "two"];
                Assert.Equal(expected, data.Steering!.Pops.AsEnumerable());
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task A_pop_that_is_not_eligible_leaves_the_answers_and_none_is_as_all()
    {
        await ApplyAsync(Yaml);
        IPEndPoint at = _service.Server.Endpoints[0];
        Decide(1, "one");
        await UntilAnsweredAsync(at, "192.0.2.2");
        Decide(2, "one", "two");
        await UntilAnsweredAsync(at, "192.0.2.1");
        Decide(1, "one"); // an older decision
        Assert.Equal(2, _service.Data.Epoch);
        Assert.Equal("192.0.2.1", await AddressAsync(at, "a.example"));
    }

    /// <summary>As long as another edge of the PoP has one: visitors of the drained one are sent there.</summary>
    [Fact]
    public async Task The_own_address_of_a_drained_edge_leaves_the_answers()
    {
        await ApplyAsync(Yaml.Replace(
            "addresses: [192.0.2.1] }", "addresses: [192.0.2.1] }, { name: one2, http: \"[::]:80\", addresses: [192.0.2.3] }", StringComparison.Ordinal));
        IPEndPoint at = _service.Server.Endpoints[0];
        await UntilAsync(2, "192.0.2.3");
        Drain(1, "one2");
        await UntilAsync(1, "192.0.2.1");
        Drain(2, "one1");
        await UntilAsync(1, "192.0.2.3");
        Drain(3, "one1", "one2"); // who is sent nowhere is not served
        await UntilAsync(2, "192.0.2.3");
        Drain(4, "one2");
        await UntilAsync(1, "192.0.2.1");
        Drain(5);
        await UntilAsync(2, "192.0.2.3");

        async Task UntilAsync(int count, string last)
        {
            long start = TimeProvider.System.GetTimestamp();
            while (true)
            {
                byte[] answer = await AskAsync(at, "a.example", DnsType.A);
                if (BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6)) == count && new IPAddress(answer.AsSpan(answer.Length - 4)).ToString() == last)
                {
                    return;
                }

                Assert.True(TimeProvider.System.GetElapsedTime(start) < Seen.Limit, $"not {count} addresses that end with {last}");
            }
        }
    }

    private void Drain(long epoch, params string[] edges) => Assert.True(_state.Replace(new Eligibility { Epoch = epoch, Pops = [], DrainedEdges = [.. edges] }));

    [Fact]
    public async Task A_zone_with_a_mistake_is_not_answered_and_the_others_are()
    {
        await ApplyAsync(Yaml.Replace("\"static A 192.0.2.9\" }\n    - { name: b", "\"static A 192.0.2\" }\n    - { name: b", StringComparison.Ordinal));
        IPEndPoint at = _service.Server.Endpoints[0];

        Assert.Equal(DnsRcode.Refused, Rcode(await AskAsync(at, "static.a.example", DnsType.A)));
        Assert.Equal("192.0.2.9", await AddressAsync(at, "static.b.example"));
        Assert.Contains("a.example line 1", _service.Summary()!.Problem, StringComparison.Ordinal);
        Assert.Equal([null, 1u], _service.Reply()!.Zones.Select(zone => zone.Serial));
    }

    [Fact]
    public async Task A_zone_whose_keys_have_not_come_is_SERVFAIL_and_never_bare()
    {
        await ApplyAsync(Yaml.Replace("{ name: b.example,", "{ name: b.example, dnssec: true,", StringComparison.Ordinal));
        IPEndPoint at = _service.Server.Endpoints[0];

        Assert.Equal(DnsRcode.ServFail, Rcode(await AskAsync(at, "static.b.example", DnsType.A)));
        Assert.Equal("192.0.2.1", await AddressAsync(at, "a.example"));
        Assert.Contains("b.example", _service.Summary()!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_come_are_signed_with_at_once_also_where_the_config_wants_none_any_more()
    {
        await ApplyAsync(Yaml.Replace("{ name: b.example,", "{ name: b.example, dnssec: true,", StringComparison.Ordinal));
        IPEndPoint at = _service.Server.Endpoints[0];
        _state.DnsSecretsReplaced += _service.Changed;
        _state.Replace(Secrets("b.example", KeyOf(ECDsa.Create(ECCurve.NamedCurves.nistP256))));
        await Seen.UntilAsync("it signs", () => _service.Summary()!.Problem is null);
        Assert.Equal("192.0.2.9", await AddressAsync(at, "static.b.example"));
        Assert.Equal(DnsRcode.NoError, Rcode(await AskAsync(at, "b.example", DnsType.DnsKey)));
        Assert.True(_service.Data.Cookies is not null);

        // The parent's DS record outlives the config's wish.
        await ApplyAsync(Yaml);
        Assert.True(_service.Data.Zones.Zones.Single(zone => zone.Signer is not null) is { IsSigned: true, Signer.CanSign: true });

        // Keys that are none: not a word of the zone.
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ZoneKey broken = KeyOf(other) with { PublicKey = Convert.ToBase64String(new byte[64]) };
        _state.Replace(Secrets("b.example", broken));
        await Seen.UntilAsync("it says so", () => _service.Summary()!.Problem is not null);
        Assert.Equal(DnsRcode.ServFail, Rcode(await AskAsync(at, "static.b.example", DnsType.A)));
        Assert.Equal("192.0.2.1", await AddressAsync(at, "a.example"));
    }

    private static ZoneKey KeyOf(ECDsa key)
    {
        ECParameters parameters = key.ExportParameters(includePrivateParameters: true);
        return new ZoneKey
        {
            Flags = 257,
            PublicKey = Convert.ToBase64String([.. parameters.Q.X!, .. parameters.Q.Y!]),
            PrivateKey = Convert.ToBase64String(parameters.D!),
            SignsKeys = true,
            SignsZone = true,
        };
    }

    private static DnsSecrets Secrets(string zone, ZoneKey key) => new()
    {
        Epoch = "e",
        Revision = 1,
        Zones = [new ZoneKeys { Zone = zone, Keys = [key] }],
        Cookies = new CookieKeys(Convert.ToBase64String(new byte[16]), []),
    };

    [Fact]
    public async Task An_address_that_is_taken_is_said_and_tried_again()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        _elsewhere = (IPEndPoint)taken.LocalEndPoint!;
        Apply(Yaml);
        await Seen.UntilAsync("it says so", () => _service.Summary() is { State: EdgeDnsState.Failed, Problem: not null });
        Assert.Contains($"{_elsewhere}", _service.Summary()!.Problem, StringComparison.Ordinal);
        taken.Dispose();
        await Seen.UntilAsync("it listens", () => _service.Summary() is { State: EdgeDnsState.Answering, Problem: null });
    }

    [Fact]
    public async Task An_explanation_is_the_servers_own()
    {
        await ApplyAsync(Yaml);
        Decide(5, "one");
        await Seen.UntilAsync("it is in force", () => _service.Data.Epoch == 5);

        Assert.Equal(["192.0.2.2"], _service.Explain(new DnsQuestion { Id = "1", Address = "192.0.2.77", Name = "a.example" })!.Addresses.AsEnumerable());
        Assert.Null(_service.Explain(new DnsQuestion { Id = "1", Address = "nobody", Name = "a.example" }));
        byte[] texts = await AskAsync(_service.Server.Endpoints[0], "why.a.example", DnsType.Txt);
        string text = Encoding.Latin1.GetString(texts);
        Assert.All(["Geo cc= regcc= cont= asn=0", "OrigGeo", "Rule=NONE", "Pop=two", "Epoch=5", "Order=one,two"], part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    private void Decide(long epoch, params string[] draining) => _state.Replace(new Eligibility
    {
        Epoch = epoch,
        Pops = [.. draining.Select(pop => new PopEligibility(pop, EligibilityState.Draining, DateTimeOffset.UnixEpoch))],
    });

    private void Apply(string yaml)
    {
        ConfigReadResult read = ConfigReader.Read(yaml);
        Assert.Equal("", ConfigErrorText.Format("f", read.Errors));
        _state.Replace(new EdgeSnapshot("epoch", ++_version, read.Config!));
        _service.Compiler.ConfigApplied();
    }

    private async Task ApplyAsync(string yaml)
    {
        Apply(yaml);
        long version = _version;
        await Seen.UntilAsync("it answers by the config", () => _service.Data.ConfigVersion == version && !_service.Server.Endpoints.IsEmpty);
    }

    private static async Task UntilAnsweredAsync(IPEndPoint at, string address)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (await AddressAsync(at, "a.example") != address)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Seen.Limit, $"{address} is not answered");
        }
    }

    private static async Task<string> AddressAsync(IPEndPoint at, string name)
    {
        byte[] answer = await AskAsync(at, name, DnsType.A);
        Assert.Equal(DnsRcode.NoError, Rcode(answer));
        return new IPAddress(answer.AsSpan(answer.Length - 4)).ToString();
    }

    private static async Task<byte[]> AskAsync(IPEndPoint at, string name, DnsType type)
    {
        using var client = new UdpClient(AddressFamily.InterNetwork);
        await client.SendAsync(Query(name, type), at);
        using var limit = new CancellationTokenSource(Seen.Limit);
        return (await client.ReceiveAsync(limit.Token)).Buffer;
    }

    private static byte[] Query(string name, DnsType type) =>
        [0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0, 0, (byte)type, 0, 1];

    private static DnsRcode Rcode(byte[] answer)
    {
        Assert.Equal(7, BinaryPrimitives.ReadUInt16BigEndian(answer));
        return (DnsRcode)(answer[3] & 0xF);
    }
}
