using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class ApplyCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cdn-cli-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Shows_the_difference_and_applies_exactly_that()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        ScriptApply(api, 7, new ConfigChange { Path = "sites.www.cache.grace", Before = "10m", After = "1h" });
        CliRun run = await api.RunAsync("apply", Write(Samples.Yaml), "--yes", "--why", "longer & safer");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("~ sites.www.cache.grace: 10m -> 1h", run.Out, StringComparison.Ordinal);
        Assert.Contains("Version 8 is in force", run.Out, StringComparison.Ordinal);
        Assert.Equal(
            ["/v1/config?dryRun=true", "/v1/config?dryRun=false&expectedVersion=7&why=longer%20%26%20safer"],
            api.Requests.Select(r => r.Target));
        Assert.All(api.Requests, r => Assert.Equal(Samples.Yaml, r.Body));
    }

    [Theory]
    [InlineData("n\n")]
    [InlineData("")]
    public async Task A_no_changes_nothing(string answer)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        ScriptApply(api, 7, new ConfigChange { Path = "sites.www.cache.grace", Before = "10m", After = "1h" });
        CliRun run = await CliRun.OfAsync(
            ["apply", Write(Samples.Yaml), "--api", api.Url, "--token", ScriptedApi.Token], interactive: true, input: answer);
        Assert.Equal(1, run.ExitCode);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task A_yes_applies()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        ScriptApply(api, 7, new ConfigChange { Path = "sites.www.cache.grace", Before = "10m", After = "1h" });
        CliRun run = await CliRun.OfAsync(
            ["apply", Write(Samples.Yaml), "--api", api.Url, "--token", ScriptedApi.Token], interactive: true, input: "y\n");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task Where_nobody_can_answer_it_refuses()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        CliRun run = await api.RunAsync("apply", Write(Samples.Yaml));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--yes", run.Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task A_dry_run_asks_nobody_and_changes_nothing()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        ScriptApply(api, 7, new ConfigChange { Path = "sites.www.cache.grace", Before = "10m", After = "1h" });
        CliRun run = await api.RunAsync("apply", Write(Samples.Yaml), "--dry-run", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.True(JsonDocument.Parse(run.Out).RootElement.GetProperty("dryRun").GetBoolean());
        Assert.Equal("/v1/config?dryRun=true", api.Requests.Single().Target);
    }

    [Fact]
    public async Task Mistakes_are_listed_with_file_line_and_column_and_never_sent()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        string file = Write(Samples.Yaml.Replace("name: Warsaw", "nam: Warsaw", StringComparison.Ordinal)
            .Replace("latitude: 34.05", "latitude: 134.05", StringComparison.Ordinal));
        CliRun run = await api.RunAsync("apply", file, "--yes");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("broken.yaml:4:5:", run.Error, StringComparison.Ordinal);
        Assert.Contains("broken.yaml:9:27:", run.Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task The_same_again_is_nothing_to_do()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        ScriptApply(api, 7);
        CliRun run = await api.RunAsync("apply", Write(Samples.Yaml), "--yes");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Nothing to change", run.Out, StringComparison.Ordinal);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Rollback_shows_the_difference_and_names_the_version()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        ScriptApply(api, 7, new ConfigChange { Path = "sites.www", Before = "x", After = null });
        api.Answer("GET", "/v1/config/versions/3", Samples.Version(Samples.Yaml, 3), ContractsJson.Default.ConfigVersionReply);
        api.Answer("POST", ApiRoutes.ConfigRollback, Applied(8, false), ContractsJson.Default.ConfigApplyReply);
        CliRun run = await api.RunAsync("config", "rollback", "3", "--yes");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("- sites.www: x", run.Out, StringComparison.Ordinal);
        ConfigRollbackRequest sent = JsonSerializer.Deserialize(api.Requests.Last().Body, ContractsJson.Default.ConfigRollbackRequest)!;
        Assert.Equal(3, sent.Version);
    }

    [Fact]
    public async Task Show_writes_the_text_alone()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Config, Samples.Version(Samples.Yaml), ContractsJson.Default.ConfigVersionReply);
        CliRun run = await api.RunAsync("config", "show");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Samples.Yaml, run.Out);
    }

    [Fact]
    public async Task Check_needs_no_silo()
    {
        CliRun run = await CliRun.OfAsync(["config", "check", Write(Samples.Yaml)]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("2 PoPs, 3 edges, 1 sites", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        CliRun run = await CliRun.OfAsync(["config", "check", Path.Combine(_directory, "none.yaml")]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("none.yaml", run.Error, StringComparison.Ordinal);
    }

    private string Write(string yaml)
    {
        string path = Path.Combine(_directory, "broken.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }

    private static void ScriptApply(ScriptedApi api, long version, params ConfigChange[] changes)
    {
        bool first = true;
        api.Answers[("PUT", ApiRoutes.Config)] = _ =>
        {
            ConfigApplyReply reply = first ? Applied(version, true, changes) : Applied(version + 1, false, changes);
            first = false;
            return (200, JsonSerializer.Serialize(reply, ContractsJson.Default.ConfigApplyReply));
        };
    }

    private static ConfigApplyReply Applied(long version, bool dryRun, params ConfigChange[] changes) =>
        new() { Version = version, DryRun = dryRun, Changes = [.. changes] };
}
