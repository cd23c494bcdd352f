using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class PurgeCommandTests
{
    private static readonly PurgeReply Done = Samples.Purge(PurgeState.Done, ("waw", "waw1", true, true), ("lax", "lax1", true, true));

    [Fact]
    public async Task Sends_what_was_asked_and_ends_with_0()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Purges, Done, ContractsJson.Default.PurgeReply);
        CliRun run = await api.RunAsync("purge", "--site", "www", "--tag", "a", "--tag", "@b", "--soft", "--wait", "--deadline", "1500ms");
        Assert.Equal(0, run.ExitCode);
        PurgeRequest sent = JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.PurgeRequest)!;
        Assert.Equal(("www", PurgeKind.Tag, true, true, 1500), (sent.Site, sent.Kind, sent.Soft, sent.Wait, sent.DeadlineMs));
        Assert.Equal("a @b", string.Join(" ", sent.Values));
        Assert.Contains("2 PoPs, 2 edges, the last after 12 ms", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--prefix", PurgeKind.Prefix)]
    [InlineData("--host", PurgeKind.Host)]
    public async Task Prefixes_and_hosts_are_sent_as_they_are_written(string option, PurgeKind kind)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Purges, Done, ContractsJson.Default.PurgeReply);
        CliRun run = await api.RunAsync("purge", "--site", "www", option, "www.example.net", option, "b");
        Assert.Equal(0, run.ExitCode);
        PurgeRequest sent = JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.PurgeRequest)!;
        Assert.Equal((kind, "www.example.net b"), (sent.Kind, string.Join(" ", sent.Values)));
    }

    [Fact]
    public async Task An_idempotency_key_goes_along_only_when_it_is_given()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Purges, Done, ContractsJson.Default.PurgeReply);
        await api.RunAsync("purge", "--site", "www", "--tag", "a", "--idempotency-key", "deploy-1");
        await api.RunAsync("purge", "--site", "www", "--tag", "a");
        Assert.Equal(["deploy-1", null], api.Keys);
        Assert.Equal(2, (await api.RunAsync("purge", "--site", "www", "--tag", "a", "--idempotency-key", "a\nb: c")).ExitCode);
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task One_purge_has_one_kind()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        CliRun run = await api.RunAsync("purge", "--site", "www", "--host", "h", "--prefix", "h/a");
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Missing_edges_are_named_and_end_with_3()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        PurgeReply partial = Samples.Purge(
            PurgeState.Partial, ("waw", "waw1", true, true), ("lax", "lax1", false, false), ("lax", "lax2", true, false));
        api.Answer("POST", ApiRoutes.Purges, partial, ContractsJson.Default.PurgeReply);
        CliRun run = await api.RunAsync("purge", "--site", "www", "--all", "--wait");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("lax/lax1 (not connected), lax/lax2 (slow)", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("waw1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_document_also_when_partial()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Purges, Samples.Purge(PurgeState.Partial, ("waw", "waw1", false, false)), ContractsJson.Default.PurgeReply);
        CliRun run = await api.RunAsync("purge", "--site", "www", "--all", "--wait", "--json");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("Partial", JsonDocument.Parse(run.Out).RootElement.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Without_wait_accepted_is_done()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Purges, Samples.Purge(PurgeState.Accepted, ("waw", "waw1", true, false)), ContractsJson.Default.PurgeReply);
        CliRun run = await api.RunAsync("purge", "--site", "www", "--url", "https://www.example.net/a");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("p-1 is accepted", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_only_site_needs_no_name()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Config, Samples.Version(Samples.Yaml), ContractsJson.Default.ConfigVersionReply);
        api.Answer("POST", ApiRoutes.Purges, Done, ContractsJson.Default.PurgeReply);
        CliRun run = await api.RunAsync("purge", "--tag", "a");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("www", JsonSerializer.Deserialize(api.Requests.Last().Body, ContractsJson.Default.PurgeRequest)!.Site);
    }

    [Fact]
    public async Task Several_sites_are_listed_and_nothing_is_purged()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Config, Samples.Version(Samples.Yaml + Samples.SecondSite), ContractsJson.Default.ConfigVersionReply);
        CliRun run = await api.RunAsync("purge", "--tag", "a");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("www, shop", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Requests, r => r.Method == "POST");
    }

    [Fact]
    public async Task A_refusal_is_told_with_the_apis_words()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse("POST", ApiRoutes.Purges, 403, new ApiProblem { Title = "Forbidden", Detail = "token 'ci' may not purge" });
        CliRun run = await api.RunAsync("purge", "--site", "www", "--all", "--json");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("token 'ci' may not purge", run.Error, StringComparison.Ordinal);
        Assert.Equal("Forbidden", JsonDocument.Parse(run.Out).RootElement.GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_wrong_token_says_how_to_give_one()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        CliRun run = await CliRun.OfAsync(
            ["status"], variables: new() { ["CDN_API"] = api.Url, ["CDN_TOKEN"] = "wrong" });
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("CDN_TOKEN", run.Error, StringComparison.Ordinal);
    }
}
