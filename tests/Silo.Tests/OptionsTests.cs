using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Options;

namespace OrleansCdn.Silo.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Every_mistake_is_reported_at_once()
    {
        string tokens = Path.GetTempFileName();
        File.WriteAllText(tokens, """[{"name":"a","sha256":"secret","scopes":["root"]}]""");
        ImmutableArray<string> errors = Read(
            "--api", "0.0.0.0:80", "--feed", "nowhere", "--tokens", tokens, "--name", "a b", "--feed-cert", "/no/such/file", "--bogus", "x", "--data");
        foreach (string expected in new[] { "--api 0.0.0.0:80", "--feed nowhere", "'sha256'", "'root'", "--name a b", "--feed-cert /no/such/file", "--bogus", "--data: a value", "--data: give", "--feed-key" })
        {
            Assert.Contains(errors, e => e.Contains(expected, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_feed_beyond_loopback_needs_certificates()
    {
        ImmutableArray<string> errors = Read("--feed", "192.0.2.1:8081", "--data", Path.GetTempPath(), "--tokens", new TestData().TokensFile);
        Assert.Contains("--feed-ca", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void The_least_that_works_is_data_and_tokens()
    {
        var data = new TestData();
        Assert.Empty(Read("--data", data.Directory, "--tokens", data.TokensFile));
    }

    [Theory]
    [InlineData("59m", "is too short; give a duration from 1h to 3650d")]
    [InlineData("4000d", "is too long")]
    [InlineData("30", "has no unit")]
    [InlineData("-1h", "is not a duration")]
    public void The_age_of_the_purge_log_has_bounds(string age, string expected)
    {
        var data = new TestData();
        string error = Assert.Single(Read("--data", data.Directory, "--tokens", data.TokensFile, "--purge-log-age", age));
        Assert.StartsWith($"--purge-log-age {age}: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_token_is_found_by_its_hash_and_nothing_else_is()
    {
        (string token, TokenRow row) = NewToken.Make("ops", ["admin"]);
        var store = new TokenStore([new TokenEntry("ops", [.. Convert.FromHexString(row.Sha256)], Scope.Admin)]);
        Assert.Equal("ops", store.Find(token)!.Name);
        Assert.Null(store.Find(row.Sha256));
        Assert.Null(store.Find(token + "x"));
        Assert.Null(store.Find(""));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("""[{"name":"a","sha256":null,"scopes":[]}]""")]
    [InlineData("""[{"name":"a","sha256":"00","scopes":["admin"]}]""")]
    [InlineData("""[{"name":"a","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","scopes":[]}]""")]
    [InlineData("""[{"name":"a","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","scopes":["admin"],"scope":1}]""")]
    [InlineData("not json")]
    public void A_tokens_file_with_mistakes_is_refused(string text)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, text);
        (TokenStore? store, ImmutableArray<string> errors) = TokenFile.Read(file);
        Assert.Null(store);
        Assert.NotEmpty(errors.AsEnumerable());
    }

    [Fact]
    public void New_token_prints_what_the_tokens_file_takes()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, NewToken.Print("ci", "purge,read", output, error));
        string file = Path.GetTempFileName();
        File.WriteAllText(file, $"[{output}]");
        (TokenStore? store, _) = TokenFile.Read(file);
        string token = error.ToString().Split(": ")[1].Split('\n')[0].Trim();
        Assert.Equal(Scope.Purge | Scope.Read, store!.Find(token)!.Scopes);
        Assert.Equal(2, NewToken.Print("ci", "everything", output, error));
    }

    private static ImmutableArray<string> Read(params string[] args)
    {
        SiloArguments arguments = SiloArguments.Parse(args);
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(arguments.Settings).Build();
        return arguments.Errors.AddRange(new SiloOptionsReader(configuration).Read().Errors);
    }
}
