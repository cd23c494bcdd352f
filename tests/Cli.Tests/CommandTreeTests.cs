using System.CommandLine;
using OrleansCdn.Cli;

namespace OrleansCdn.Cli.Tests;

public sealed class CommandTreeTests
{
    [Theory]
    [InlineData]
    [InlineData("nonsense")]
    [InlineData("status", "--nonsense")]
    [InlineData("apply")]
    [InlineData("config")]
    [InlineData("purge", "--site", "www")]
    [InlineData("purge", "--tag", "a", "--all")]
    [InlineData("purge", "--tag", "a", "--deadline", "2h")]
    [InlineData("explain", "http://h/")]
    [InlineData("explain", "--pop", "waw")]
    [InlineData("lab", "--base-port", "70000")]
    [InlineData("lab", "--origin", "ftp://example.net")]
    [InlineData("lab", "--origin", "http://example.net/path")]
    [InlineData("config", "rollback", "latest")]
    public async Task Wrong_usage_ends_with_2_and_names_the_help(params string[] args)
    {
        CliRun run = await CliRun.OfAsync(args);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Every_command_has_examples_and_json()
    {
        int leaves = 0;
        foreach ((string[] path, Command command) in Commands())
        {
            CliRun help = await CliRun.OfAsync([.. path, "--help"]);
            Assert.Equal(0, help.ExitCode);
            Assert.Contains("Examples:\n  cdn ", help.Out, StringComparison.Ordinal);
            if (command.Subcommands.Count == 0)
            {
                leaves++;
                Assert.Contains(command.Options, o => o.Name == "--json");
            }
        }

        Assert.Equal(45, leaves);
    }

    [Fact]
    public async Task A_missing_token_is_wrong_usage()
    {
        CliRun run = await CliRun.OfAsync(["status"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("CDN_TOKEN", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_api_that_is_no_url_is_wrong_usage()
    {
        CliRun run = await CliRun.OfAsync(["status", "--api", "localhost:8080", "--token", "t"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'localhost:8080'", run.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<(string[] Path, Command Command)> Commands()
    {
        RootCommand root = CommandTree.Build(CliHost.OfThisProcess());
        return root.Subcommands.Where(c => !c.Hidden).SelectMany(c => Below(c, []));
    }

    private static IEnumerable<(string[] Path, Command Command)> Below(Command command, string[] above)
    {
        string[] path = [.. above, command.Name];
        return command.Subcommands.SelectMany(c => Below(c, path)).Prepend((path, command));
    }
}
