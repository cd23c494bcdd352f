using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Tests;

/// <summary>What plug-ins for Fastly and Varnish send purges what they mean, for tokens that may, and nothing more.</summary>
public sealed class PluginTests : IAsyncLifetime
{
    private readonly TestData _data = new();
    private RunningSilo _silo = null!;
    private string _shop = "";

    public async Task InitializeAsync()
    {
        _shop = _data.Add("shop", row => row with { Sites = ["www"], Kinds = ["url", "tag"] });
        _silo = await RunningSilo.StartAsync(_data);
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Theory]
    [InlineData("/service/www/purge/red", PurgeKind.Tag, "red")]
    [InlineData("/service/www/purge/node%3A1%2Fx", PurgeKind.Tag, "node:1/x")]
    [InlineData("/service/www/purge_all", PurgeKind.Site, "")]
    [InlineData("/purge/www.example.net/a%20b/c?d=%2f&e", PurgeKind.Url, "http://www.example.net/a%20b/c?d=%2f&e")]
    [InlineData("/purge/www.example.net", PurgeKind.Url, "http://www.example.net/")]
    [InlineData("/purge/www.example.net/", PurgeKind.Url, "http://www.example.net/")]
    public async Task Fastlys_forms_purge_what_they_say(string path, PurgeKind kind, string value)
    {
        ApiClient plugin = _silo.Client(null);
        foreach (bool soft in new[] { false, true })
        {
            (string, string)[] fields = [(FastlyRoutes.TokenField, _data.Purge), .. soft ? [("Fastly-Soft-Purge", "1")] : Array.Empty<(string, string)>()];
            PluginPurgeReply reply = await ApiClient.Ok(
                await plugin.SendAsync(HttpMethod.Post, path, null, fields), ContractsJson.Default.PluginPurgeReply);
            AuditEntry purge = await LastAsync();
            Assert.Equal(("ok", purge.Id), (reply.Status, reply.Id));
            Assert.Equal(("deploy", "www", kind, soft, AuditOutcome.Done), (purge.Who, purge.Site, purge.Kind, purge.Soft, purge.Outcome));
            Assert.Equal(value, purge.Values.FirstOrDefault() ?? "");
        }
    }

    [Fact]
    public async Task Fastlys_lists_of_keys_come_in_a_field_or_a_body_and_each_is_answered()
    {
        ApiClient plugin = _silo.Client(_data.Purge);
        HttpResponseMessage[] answers =
        [
            await plugin.SendAsync(HttpMethod.Post, "/service/www/purge", null, ("Surrogate-Key", "a b  c")),
            await plugin.SendAsync(HttpMethod.Post, "/service/www/purge", new StringContent("""{"surrogate_keys":["a","b","c"]}""")),
        ];
        foreach (HttpResponseMessage answer in answers)
        {
            Dictionary<string, string> ids = await ApiClient.Ok(answer, ContractsJson.Default.DictionaryStringString);
            Assert.Equal(["a", "b", "c"], ids.Keys.Order());
            Assert.Single(ids.Values.Distinct());
            await plugin.FindPurgeAsync(ids["a"]);
        }

        foreach (string body in new[] { "", "{", "[]", """{"surrogate_keys":1}""", """{"surrogate_keys":[1]}""" })
        {
            await ApiClient.Problem(await plugin.SendAsync(HttpMethod.Post, "/service/www/purge", new StringContent(body)), 400);
        }

        foreach (string body in new[] { "{}", "null", """{"surrogate_keys":null}""", """{"surrogate_keys":[]}""", """{"surrogate_keys":[null]}""", """{"surrogate_keys":["a b"]}""" })
        {
            HttpResponseMessage answer = await plugin.SendAsync(HttpMethod.Post, "/service/www/purge", new StringContent(body));
            Assert.True((int)answer.StatusCode is 400 or 422, $"{body}: {(int)answer.StatusCode}");
        }

        Assert.Equal(6, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Theory]
    [InlineData("PURGE", "/a%20b?c=1", "", PurgeKind.Url, "http://www.example.net/a%20b?c=1")]
    [InlineData("PURGE", "/v1/status", "X-Purge-Method: default", PurgeKind.Url, "http://www.example.net/v1/status")]
    [InlineData("PURGE", "/a", "X-Purge-Method: exact", PurgeKind.Url, "http://www.example.net/a")]
    [InlineData("PURGE", "/.*", "X-Purge-Method: regex", PurgeKind.Host, "www.example.net")]
    [InlineData("PURGE", "/news/.*", "X-Purge-Method: regex", PurgeKind.Prefix, "www.example.net/news/")]
    [InlineData("PURGE", "/a.css.*", "X-Purge-Method: regex", PurgeKind.Prefix, "www.example.net/a.css")]
    [InlineData("PURGE", "/*", "", PurgeKind.Host, "www.example.net")]
    [InlineData("PURGE", "/", "xkey: red blue", PurgeKind.Tag, "red blue")]
    [InlineData("PURGE", "/", "X-Purge-Tags: red,blue", PurgeKind.Tag, "red blue")]
    [InlineData("PURGE", "/", "xkey-softpurge: red", PurgeKind.Tag, "red", true)]
    [InlineData("PURGEKEYS", "/", "xkey-purge: red", PurgeKind.Tag, "red")]
    [InlineData("PURGE", "/", "X-Magento-Tags-Pattern: ((^|,)cat_p_1(,|$))|((^|,)cat_p(,|$))", PurgeKind.Tag, "cat_p_1 cat_p")]
    [InlineData("PURGE", "/", "X-Magento-Tags-Pattern: .*", PurgeKind.Host, "www.example.net")]
    [InlineData("BAN", "/", "Cache-Tags: node:1 config:system.site", PurgeKind.Tag, "node:1 config:system.site")]
    [InlineData("BAN", "/", "Cache-Tags: (node:1|node:2)", PurgeKind.Tag, "node:1 node:2")]
    [InlineData("BAN", "/img/.*", "", PurgeKind.Prefix, "www.example.net/img/")]
    [InlineData("BAN", "/", "X-Url: ^/a\\.html$", PurgeKind.Url, "http://www.example.net/a.html")]
    [InlineData("BAN", "/", "X-Url: .*", PurgeKind.Host, "www.example.net")]
    public async Task Varnishs_forms_purge_what_they_mean(string method, string path, string field, PurgeKind kind, string values, bool soft = false)
    {
        foreach (string host in new[] { "www.example.net", $"WWW.example.net:{_silo.Api.Port}" })
        {
            HttpResponseMessage answer = await SendAsync(_data.Purge, method, path, host, field);
            PluginPurgeReply reply = await ApiClient.Ok(answer, ContractsJson.Default.PluginPurgeReply);
            AuditEntry purge = await LastAsync();
            Assert.Equal((reply.Id, "www", kind, soft), (purge.Id, purge.Site, purge.Kind, purge.Soft));
            Assert.Equal(kind == PurgeKind.Tag ? values : values.Split(' ')[0], kind == PurgeKind.Tag ? string.Join(' ', purge.Values) : purge.Values[0]);
        }
    }

    [Theory]
    [InlineData("PURGE", "/a", "X-Purge-Method: all")]
    [InlineData("PURGE", "/(a|b)/.*", "X-Purge-Method: regex")]
    [InlineData("BAN", "/a[0-9]+", "")]
    [InlineData("BAN", "/a.*b", "")]
    [InlineData("BAN", "/", "X-Url: \\d")]
    [InlineData("BAN", "/", "X-Url: /a\\")]
    [InlineData("BAN", "/", "X-Url: \\.(css|js)$")]
    [InlineData("BAN", "/", "X-Host: blog.example.net")]
    [InlineData("BAN", "/", "X-Content-Type: text/html")]
    [InlineData("BAN", "/", "Cache-Tags: node:[0-9]+")]
    [InlineData("PURGE", "/", "X-Magento-Tags-Pattern: cat_.*")]
    [InlineData("PURGEKEYS", "/", "")]
    [InlineData("BAN", "/", "Cache-Tags: ")]
    [InlineData("PURGE", "/", "xkey: , ,")]
    [InlineData("BAN", "/a", "X-Url: ")]
    [InlineData("PURGE", "/", "X-Magento-Tags-Pattern: ()")]
    public async Task What_cannot_be_mapped_is_refused_and_purges_nothing(string method, string path, string field)
    {
        await ApiClient.Problem(await SendAsync(_data.Purge, method, path, "www.example.net", field), 400);
        Assert.Equal(0, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
        Assert.Equal(AuditOutcome.Refused, (await LastAsync()).Outcome);
    }

    [Fact]
    public async Task Nothing_is_purged_without_the_scope_or_beyond_the_tokens_sites_and_kinds()
    {
        (string Method, string Path)[] forms =
        [
            ("POST", "/service/www/purge/red"), ("POST", "/service/www/purge"), ("POST", "/service/www/purge_all"), ("POST", "/purge/www.example.net/a"),
            ("PURGE", "/a"), ("BAN", "/.*"), ("PURGEKEYS", "/"), ("PURGE", "/health"), ("PURGE", "/v1/openapi.json"),
        ];
        foreach ((string method, string path) in forms)
        {
            await ApiClient.Problem(await SendAsync(null, method, path, "www.example.net", "xkey: red"), 401);
            await ApiClient.Problem(await SendAsync(_data.Read, method, path, "www.example.net", "xkey: red"), 403);
        }

        await ApiClient.Problem(await SendAsync(_shop, "BAN", "/.*", "www.example.net", ""), 403);
        await ApiClient.Problem(await SendAsync(_shop, "POST", "/service/www/purge_all", "api", ""), 403);
        string[] refusals = [];
        foreach (string host in new[] { "blog.example.net", "nobody.example.org" })
        {
            refusals = [.. refusals, (await ApiClient.Problem(await SendAsync(_shop, "PURGE", "/a", host, ""), 403)).Detail!];
        }

        // Whose host it is, or that it is anybody's, is not told.
        Assert.Single(refusals.Distinct());
        await ApiClient.Problem(await SendAsync(_data.Purge, "PURGE", "/a", "nobody.example.org", ""), 422);
        await ApiClient.Ok(await SendAsync(_shop, "PURGE", "/a", "www.example.net", ""), ContractsJson.Default.PluginPurgeReply);
        Assert.Equal(2, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task A_vendors_field_is_a_token_for_that_vendors_forms_only()
    {
        ApiClient plugin = _silo.Client(null);
        await ApiClient.Problem(await plugin.SendAsync(HttpMethod.Get, ApiRoutes.Status, null, (FastlyRoutes.TokenField, _data.Admin)), 401);
        await ApiClient.Problem(await plugin.SendAsync(HttpMethod.Post, ApiRoutes.Purges, null, (FastlyRoutes.TokenField, _data.Admin)), 401);
        await ApiClient.Problem(await plugin.SendAsync(HttpMethod.Post, "/service/www/purge_all", null, (FastlyRoutes.TokenField, _data.Admin + "x")), 401);
        Assert.Equal(0, (await _silo.Admin.StatusAsync()).Cursor.Sequence);
    }

    [Fact]
    public async Task An_idempotency_key_holds_in_every_form()
    {
        string[] ids = [];
        foreach (string path in new[] { "/a", "/a" })
        {
            using HttpResponseMessage answer = await SendAsync(_data.Purge, "PURGE", path, "www.example.net", $"{ApiRoutes.IdempotencyKey}: k");
            ids = [.. ids, (await ApiClient.Ok(answer, ContractsJson.Default.PluginPurgeReply)).Id];
        }

        Assert.Single(ids.Distinct());
        await ApiClient.Problem(await SendAsync(_data.Purge, "PURGE", "/b", "www.example.net", $"{ApiRoutes.IdempotencyKey}: k"), 422);
    }

    private Task<HttpResponseMessage> SendAsync(string? token, string method, string path, string host, string field)
    {
        string[] parts = field.Split(": ", 2);
        (string, string)[] fields = field.Length == 0 ? [("Host", host)] : [("Host", host), (parts[0], parts[1])];
        return _silo.Client(token).SendAsync(new HttpMethod(method), path, null, fields);
    }

    private async Task<AuditEntry> LastAsync() =>
        Assert.Single((await ApiClient.Ok(await _silo.Client(_data.Purge).GetAsync(ApiRoutes.Audit + "?limit=1"), ContractsJson.Default.AuditReply)).Entries);
}
