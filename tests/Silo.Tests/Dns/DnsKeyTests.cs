using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Silo.Tests.Dns;

/// <summary>Keys of signed zones: made, kept, brought to the edges that serve DNS, changed by operators.</summary>
public sealed class DnsKeyTests
{
    /// <summary>waw1 serves DNS, waw2 and lax1 do not.</summary>
    private static string Yaml(bool dnssec) => TestData.Yaml
        .Replace("{ name: waw1, http: \"127.0.0.1:8001\" }", "{ name: waw1, http: \"127.0.0.1:8001\", dns: \"127.0.0.1:5301\", addresses: [192.0.2.10] }, { name: waw2, http: \"127.0.0.1:8003\" }", StringComparison.Ordinal)
        .Replace("{ name: lax1, http: \"127.0.0.1:8002\" }", "{ name: lax1, http: \"127.0.0.1:8002\", addresses: [192.0.2.20] }", StringComparison.Ordinal)
        + $"\ndns:\n  zones:\n    - name: cdn.example.net\n      nameservers: [ns1.example.org]\n      dnssec: {(dnssec ? "true" : "false")}\n      steered: [www]\n";

    private static EdgeHello Hello(string pop, string edge) => ScriptedEdge.Hello(pop, edge) with { Dns = DnsHeld.Nothing };

    private static string Path(string zone = "cdn.example.net") => ApiRoutes.DnsKeys.Replace("{zone}", zone, StringComparison.Ordinal);

    private static async Task<DnsKeysReply> KeysAsync(ApiClient api, string zone = "cdn.example.net") =>
        await ApiClient.Ok(await api.GetAsync(Path(zone)), ContractsJson.Default.DnsKeysReply);

    private static Task<HttpResponseMessage> ChangeAsync(ApiClient api, DnsKeyRequest request) =>
        api.SendAsync(HttpMethod.Post, Path(), JsonContent.Create(request, ContractsJson.Default.DnsKeyRequest));

    private static async Task<DnsKeysReply> UntilAsync(ApiClient api, Func<DnsKeysReply, bool> wanted)
    {
        for (int attempt = 0; ; attempt++)
        {
            DnsKeysReply keys = await KeysAsync(api);
            if (wanted(keys))
            {
                return keys;
            }

            Assert.True(attempt < 1000, $"still not as wanted: {string.Join("; ", keys.Keys)} behind: {string.Join(", ", keys.Behind)}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    [Fact]
    public async Task An_edge_that_serves_dns_has_the_keys_before_the_config_that_wants_them()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(Yaml(dnssec: false));
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(silo.Feed, Hello("waw", "waw1"));
        await using ScriptedEdge lax = await ScriptedEdge.ConnectAsync(silo.Feed, Hello("lax", "lax1"));
        await using ScriptedEdge neighbour = await ScriptedEdge.ConnectAsync(silo.Feed, Hello("waw", "waw2"));
        DnsSecrets cookies = await waw.NextAsync<DnsSecrets>();
        Assert.Empty(cookies.Zones);
        Assert.Equal(CookieKeys.SecretBytes, Convert.FromBase64String(cookies.Cookies.Current).Length);

        await silo.Admin.AppliedAsync(Yaml(dnssec: true));
        var order = new List<string>();
        while (!order.Contains("config 2"))
        {
            switch (await waw.NextAsync())
            {
                case DnsSecrets { Zones: [{ Zone: "cdn.example.net" } zone] }:
                    ZoneKey key = Assert.Single(zone.Keys);
                    Assert.True(key is { SignsKeys: true, SignsZone: true, Flags: 257 });
                    Assert.Equal(CdsForm.None, zone.Cds);
                    order.Add("keys");
                    break;
                case ConfigSnapshot config:
                    order.Add($"config {config.Version}");
                    break;
            }
        }

        Assert.Equal("keys", order[^2]);
        foreach (ScriptedEdge other in new[] { lax, neighbour })
        {
            while (await other.NextAsync() is not ConfigSnapshot { Version: 2 } and var message)
            {
                Assert.False(message is DnsSecrets, "an edge that serves no DNS was sent secrets");
            }
        }
    }

    [Fact]
    public async Task Keys_outlive_the_silo_and_changes_wait_for_the_edges()
    {
        var data = new TestData();
        DnsKeysReply first;
        DnsSecrets sent;
        await using (RunningSilo silo = await RunningSilo.StartAsync(data))
        {
            await silo.Admin.AppliedAsync(Yaml(dnssec: true));
            first = await UntilAsync(silo.Admin, k => !k.Keys.IsEmpty);
            Assert.Equal(DnsKeyState.Publishing, Assert.Single(first.Keys).State);
            Assert.Null(first.ParentDs);
            Assert.Null(first.Keys[0].Until);
            Assert.Equal("waw/waw1", Assert.Single((await UntilAsync(silo.Admin, k => !k.Behind.IsEmpty)).Behind));
            await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(silo.Feed, Hello("waw", "waw1"));
            sent = await waw.NextAsync<DnsSecrets>();
            waw.Send(new EdgeHeartbeat { ConfigVersion = 1, Cursor = waw.Cursor, Counters = new EdgeCounters(), Dns = sent.Held });
            DnsKeysReply held = await UntilAsync(silo.Admin, k => k.Behind.IsEmpty && k.Keys[0].Until is not null);
            Assert.Equal(first.Keys[0].Tag, held.Keys[0].Tag);
        }

        await using RunningSilo again = await RunningSilo.StartAsync(data);
        DnsKeysReply after = await KeysAsync(again.Admin);
        Assert.Equal(first.Keys[0].PublicKey, after.Keys[0].PublicKey);
        Assert.NotNull(after.Keys[0].Until);
        await using ScriptedEdge back = await ScriptedEdge.ConnectAsync(again.Feed, Hello("waw", "waw1"));
        DnsSecrets anew = await back.NextAsync<DnsSecrets>();
        Assert.Equal((sent.Epoch, sent.Revision), (anew.Epoch, anew.Revision));
        Assert.Equal(sent.Zones[0].Keys[0], anew.Zones[0].Keys[0]);
        Assert.Equal(sent.Cookies.Current, anew.Cookies.Current);
    }

    [Fact]
    public async Task Operators_change_keys_and_the_audit_trail_knows_it()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(Yaml(dnssec: true));
        DnsKeysReply keys = await UntilAsync(silo.Admin, k => !k.Keys.IsEmpty);
        ApiProblem refused = await ApiClient.Problem(await ChangeAsync(silo.Admin, new DnsKeyRequest { Action = DnsKeyAction.Roll }), 409);
        Assert.Contains("on its way already", refused.Detail, StringComparison.Ordinal);
        refused = await ApiClient.Problem(await ChangeAsync(silo.Admin, new DnsKeyRequest { Action = DnsKeyAction.DsSeen }), 409);
        Assert.Contains("not in every cache yet", refused.Detail, StringComparison.Ordinal);
        DnsKeysReply asked = await ApiClient.Ok(
            await ChangeAsync(silo.Admin, new DnsKeyRequest { Action = DnsKeyAction.Activate, Force = true, Reason = "nobody asks yet" }), ContractsJson.Default.DnsKeysReply);
        Assert.Equal(DnsKeyState.AwaitingDs, asked.Keys[0].State);
        string ds = Assert.Single(asked.ParentDs!.Value);
        Assert.StartsWith($"cdn.example.net. IN DS {keys.Keys[0].Tag} 13 2 ", ds, StringComparison.Ordinal);
        Assert.Equal($"cdn.example.net. IN DNSKEY 257 3 13 {keys.Keys[0].PublicKey}", Assert.Single(asked.ParentDnskeys));

        AuditReply audit = await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.Audit), ContractsJson.Default.AuditReply);
        AuditEntry[] entries = [.. audit.Entries.Where(e => e.Action == AuditAction.DnsKey)];
        Assert.Contains(entries, e => e is { Who: "ops", Outcome: AuditOutcome.Done, Id: "cdn.example.net" } && e.Detail!.Contains("(forced): nobody asks yet", StringComparison.Ordinal));
        Assert.Contains(entries, e => e.Outcome == AuditOutcome.Refused && e.Detail!.Contains("on its way already", StringComparison.Ordinal));
        Assert.Contains(entries, e => e.Who == "config");

        string text = await (await silo.Admin.GetAsync(Path())).Content.ReadAsStringAsync();
        Assert.DoesNotContain("privateKey", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Who_may_do_what()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(Yaml(dnssec: true));
        await KeysAsync(silo.Client(silo.Data.Read));
        await ApiClient.Problem(await silo.Client(silo.Data.Purge).GetAsync(Path()), 403);
        await ApiClient.Problem(await silo.Client(null).GetAsync(Path()), 401);
        await ApiClient.Problem(await ChangeAsync(silo.Client(silo.Data.Read), new DnsKeyRequest { Action = DnsKeyAction.Roll }), 403);
        await ApiClient.Problem(await ChangeAsync(silo.Client(silo.Data.Route), new DnsKeyRequest { Action = DnsKeyAction.Roll }), 403);
        await ApiClient.Problem(await silo.Admin.GetAsync(Path("other.example.net")), 404);
        await ApiClient.Problem(await ChangeAsync(silo.Admin, new DnsKeyRequest { Action = DnsKeyAction.DsSeen, DsTtlSeconds = -1 }), 422);
        DnsKeysReply upper = await KeysAsync(silo.Admin, "CDN.example.NET.");
        Assert.Equal("cdn.example.net", upper.Zone);
    }

    [Fact]
    public async Task A_zone_stays_signed_until_its_ds_records_are_gone()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(Yaml(dnssec: true));
        await UntilAsync(silo.Admin, k => !k.Keys.IsEmpty);
        await ApiClient.Ok(await ChangeAsync(silo.Admin, new DnsKeyRequest { Action = DnsKeyAction.Activate, Force = true }), ContractsJson.Default.DnsKeysReply);
        await silo.Admin.AppliedAsync(Yaml(dnssec: false));
        DnsKeysReply leaving = await UntilAsync(silo.Admin, k => k.Withdrawal == DnsWithdrawal.AwaitingNoDs);
        Assert.Single(leaving.Keys);
        Assert.Empty(leaving.ParentDs!.Value);
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(silo.Feed, Hello("waw", "waw1"));
        DnsSecrets sent = await waw.NextAsync<DnsSecrets>();
        Assert.Equal(CdsForm.Delete, Assert.Single(sent.Zones).Cds);
    }
}
