using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Silo.Tests.Routing;

public sealed class RoaGateTests
{
    private const string Foreign = "{\"roas\":[{\"asn\":64999,\"prefix\":\"2001:db8::/32\",\"maxLength\":48}]}";
    private const string Own = "{\"roas\":[{\"asn\":\"AS64500\",\"prefix\":\"2001:db8::/32\",\"maxLength\":48}]}";

    private static readonly RouteChangeRequest Announce = new() { Pop = "waw", Upstream = "vultr", Action = RouteAction.Announce };

    private static Task<HttpResponseMessage> ApplyAsync(RunningSilo silo, string query = "") =>
        silo.Admin.ApplyAsync(RoutedSilo.Yaml, query);

    [Fact]
    public async Task What_would_be_announced_invalid_is_refused_unless_overridden()
    {
        var data = new TestData();
        string file = Path.Combine(data.Directory, "roas.json");
        await File.WriteAllTextAsync(file, Foreign);
        await using RunningSilo silo = await RunningSilo.StartAsync(data, null, "--roa-file", file);

        string? detail = (await ApiClient.Problem(await ApplyAsync(silo), 422)).Detail;
        Assert.Contains("2001:db8:1000::/48 from AS64500 would be RPKI-invalid", detail, StringComparison.Ordinal);
        Assert.Contains("2001:db8::/32-48 AS64999", detail, StringComparison.Ordinal);
        Assert.Contains("--override-rpki", detail, StringComparison.Ordinal);
        await ApiClient.Ok(await ApplyAsync(silo, "?overrideRpki=true&why=moving"), ContractsJson.Default.ConfigApplyReply);
        ConfigHistoryReply history = await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.ConfigHistory), ContractsJson.Default.ConfigHistoryReply);
        Assert.Equal("moving (RPKI overridden)", history.Versions[^1].Why);

        // What is announced already can be changed and withdrawn; to announce it again is asked for.
        await ApiClient.Ok(await ApplyAsync(silo), ContractsJson.Default.ConfigApplyReply);
        await silo.Admin.ChangedAsync(Announce with { Action = RouteAction.Prepend, Prepend = 1 });
        await silo.Admin.ChangedAsync(Announce with { Action = RouteAction.Withdraw });
        Assert.Contains("RPKI-invalid", (await ApiClient.Problem(await silo.Admin.ChangeAsync(Announce with { DryRun = true }), 422)).Detail, StringComparison.Ordinal);
        Assert.Contains("RPKI-invalid", (await ApiClient.Problem(await silo.Admin.ChangeAsync(Announce), 422)).Detail, StringComparison.Ordinal);
        Assert.Contains(
            "RPKI-invalid",
            (await ApiClient.Problem(await silo.Admin.RollbackAsync("waw", "vultr", new RouteRollbackRequest { Version = 0 }), 422)).Detail,
            StringComparison.Ordinal);
        Assert.Equal(2, (await silo.Admin.HistoryAsync("waw", "vultr")).Length);
        await silo.Admin.ChangedAsync(Announce with { OverrideRpki = true });
        Assert.True((await silo.Admin.HistoryAsync("waw", "vultr"))[^1].RpkiOverridden);
    }

    [Fact]
    public async Task A_file_that_changes_is_read_again_and_a_broken_one_takes_nothing_away()
    {
        var data = new TestData();
        string file = Path.Combine(data.Directory, "roas.json");
        await File.WriteAllTextAsync(file, Foreign);
        await using RunningSilo silo = await RunningSilo.StartAsync(data, null, "--roa-file", file);
        await File.WriteAllTextAsync(file, "{\"roas\":[{");
        await ApiClient.Problem(await ApplyAsync(silo, "?dryRun=true"), 422);

        await File.WriteAllTextAsync(file, Own);
        for (int attempt = 0; !(await ApplyAsync(silo, "?dryRun=true")).IsSuccessStatusCode; attempt++)
        {
            Assert.True(attempt < 1000, "the mended file is not in force");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
