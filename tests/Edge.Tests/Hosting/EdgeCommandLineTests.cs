using System.Net;
using OrleansCdn.Edge.Hosting;
using OrleansCdn.Node.Hosting;

namespace OrleansCdn.Edge.Tests.Hosting;

public sealed class EdgeCommandLineTests
{
    private static CommandLineResult<EdgeOptions> Read(string line, params (string Name, string Value)[] environment) => EdgeCommandLine.Read(
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        name => environment.FirstOrDefault(e => e.Name == name).Value);

    [Fact]
    public void A_full_line_is_read()
    {
        EdgeOptions options = Read(
            "--pop waw --edge waw1 --silo https://a:1,https://b:2 --data /d --http 127.0.0.1:80 --https=[::1]:443 --peer 0.0.0.0:8443 "
            + "--admin localhost:0 --peer-certificate c --peer-key k --ca a --exit-with-stdin").Options!;
        Assert.Equal(("waw", "waw1", "/d", true), (options.Pop, options.Edge, options.DataDirectory, options.ExitWithStdin));
        Assert.Equal(["https://a:1", "https://b:2"], options.Silos.Select(s => s.OriginalString));
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:80"), options.Listen.Http);
        Assert.Equal(IPEndPoint.Parse("[::1]:443"), options.Listen.Https);
        Assert.Equal(IPEndPoint.Parse("0.0.0.0:8443"), options.Listen.Peer);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:0"), options.Listen.Admin);
        Assert.Equal(("c", "k", "a"), (options.Link!.Certificate, options.Link.Key, options.Link.Authorities));
        Assert.False(options.IsStandalone);
    }

    [Fact]
    public void The_environment_fills_what_the_line_leaves_out()
    {
        EdgeOptions options = Read(
            "--pop waw",
            ("CDN_EDGE_POP", "lax"), ("CDN_EDGE_EDGE", "waw1"), ("CDN_EDGE_SILO", "http://127.0.0.1:1"), ("CDN_EDGE_DATA", "/d"), ("CDN_EDGE_EXIT_WITH_STDIN", "true")).Options!;
        Assert.Equal(("waw", "waw1", true), (options.Pop, options.Edge, options.ExitWithStdin));
    }

    [Fact]
    public void Standalone_needs_no_silo_and_no_data()
    {
        EdgeOptions options = Read("--standalone --config c.yaml --pop waw --listen 127.0.0.1:8080").Options!;
        Assert.Equal((true, true, "c.yaml"), (options.IsStandalone, options.OnlyNamedListeners, options.ConfigFile));
        Assert.Equal(8080, options.Listen.Http!.Port);
    }

    [Fact]
    public void Every_mistake_is_told_at_once()
    {
        CommandLineResult<EdgeOptions> result = Read(
            "--pop /etc --silo http://192.0.2.1:1,ftp://x,https://y:1/path --http 8080 --https 127.0.0.1:99999 --peer 127.0.0.1:5 --admin 127.0.0.1:5 --ca a --bogus --listen 127.0.0.1:1 --data");
        Assert.Null(result.Options);
        string[] expected =
        [
            "--data needs a value", "'--bogus' is not an option", "--listen does not belong", "--pop '/etc'", "--edge NAME is missing",
            "--peer-certificate and --peer-key missing", "'http://192.0.2.1:1' is plain HTTP", "'ftp://x' is not a URL", "'https://y:1/path' has more than",
            "--data DIR is missing", "--http '8080'", "--https '127.0.0.1:99999'", "127.0.0.1:5 is given for 2 listeners",
        ];
        foreach (string part in expected)
        {
            Assert.Contains(result.Errors, e => e.Contains(part, StringComparison.Ordinal));
        }

        Assert.Equal(expected.Length, result.Errors.Length);
    }

    [Theory]
    [InlineData("--peer 192.0.2.1:8443", "needs --peer-certificate")]
    [InlineData("--silo https://a:1", "give --peer-certificate")]
    [InlineData("--pop waw", "--pop is given twice")]
    [InlineData("--http [::1:80", "--http")]
    [InlineData("--http ::1:80", "--http")]
    [InlineData("--http [127.0.0.1]:80", "--http")]
    [InlineData("--http host.example:80", "--http")]
    public void One_mistake_is_one_error(string more, string expected)
    {
        string line = "--pop waw --edge waw1 --data /d " + (more.Contains("--silo", StringComparison.Ordinal) ? more : "--silo http://localhost:1 " + more);
        Assert.Contains(expected, Assert.Single(Read(line).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_wins_and_names_every_option_with_examples()
    {
        Assert.True(Read("--bogus --help").HelpWanted);
        Assert.True(Read("-h").HelpWanted);
        Assert.Contains("Examples:", EdgeCommandLine.Help, StringComparison.Ordinal);
        Assert.Contains("--exit-with-stdin", EdgeCommandLine.Help, StringComparison.Ordinal);
    }
}
