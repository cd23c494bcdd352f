using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>Text that is no config, by accident or by intent: one clear answer, quickly.</summary>
public sealed class HostileTextTests
{
    [Theory]
    [InlineData("", "f:1:1: the file is empty")]
    [InlineData("# only a comment\n", "f:1:1: the file is empty")]
    [InlineData("---\n...\n", "f:2:4: is nothing, not a mapping")]
    [InlineData("just text", "f:1:1: 'just text' is a single value, not a mapping")]
    [InlineData("- a\n- b\n", "f:1:1: is a list, not a mapping")]
    [InlineData("cluster: { name: a\n", "f:2:1: the file is not YAML: While parsing a flow mapping, did not find expected ',' or '}'")]
    [InlineData("cluster:\n\tname: a\n", "f:1:1: the file is not YAML: While scanning a mapping, found invalid tab as indentation")]
    [InlineData("a: [1, 2\nb: 3\n", "f:1:6: the file is not YAML: something after this place is wrong; is a bracket, brace or quote not closed?")]
    [InlineData("cluster: *nothing\npops: 1\nsites: 1", "f:1:10: cluster: '*nothing' is an alias", "f:2:7: pops: '1' is a single value, not a mapping by id", "f:3:8: sites: '1' is a single value, not a mapping by id")]
    public void What_is_no_config_is_refused(string text, params string[] expected) =>
        Assert.Equal(expected, SampleFile.Errors(text));

    [Fact]
    public void Anchors_aliases_tags_and_merge_keys_are_refused_each_once()
    {
        string yaml = SampleFile.Yaml
            .Replace("name: sample", "name: !!str sample", StringComparison.Ordinal)
            .Replace("location: { latitude: 52.23", "location: &here { latitude: 52.23", StringComparison.Ordinal)
            .Replace("shield: one", "<<: *here", StringComparison.Ordinal);

        Assert.Equal(
            [
                "f:1:18: cluster.name: 'tag:yaml.org,2002:str' is a tag",
                "f:5:15: pops.one.location: '&here' is an anchor",
                "f:34:9: sites.www.<<: '*here' is an alias",
            ],
            SampleFile.Errors(yaml));
    }

    [Fact]
    public void A_second_document_is_refused_beside_the_mistakes_of_the_first()
    {
        string yaml = SampleFile.Yaml.Replace("shield: one", "shield: six", StringComparison.Ordinal) + "\n---\ncluster: {}\n";

        Assert.Equal(["f:34:13: sites.www.shield: 'six' is not a PoP of this file", "f:78:1: a second document begins"], SampleFile.Errors(yaml));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("!!x ")]
    [InlineData("&a ")]
    [InlineData("*a ")]
    [InlineData("'")]
    [InlineData("\"\\u")]
    [InlineData("a: b\n")]
    [InlineData("a:\n")]
    [InlineData("[],")]
    [InlineData("|\n")]
    [InlineData("%TAG ! a\n")]
    [InlineData("---\n")]
    [InlineData("\t")]
    [InlineData("\0")]
    [InlineData("\ud800")]
    [InlineData("\u2028")]
    [InlineData("x")]
    public void A_megabyte_of_the_same_is_refused_within_bounds(string piece)
    {
        // As much as the API lets through; the time limit of the whole run bounds a reader that does not end.
        int count = ApiRoutes.MaxConfigBytes / Encoding.UTF8.GetByteCount(piece);
        ConfigReadResult result = ConfigReader.Read(string.Concat(Enumerable.Repeat(piece, count)));

        Assert.Null(result.Config);
        Assert.InRange(result.Errors.Length, 1, ConfigErrors.MaxListed + 1);
        Assert.All(result.Errors, error => Assert.True(ConfigErrorText.Format("f", error).Length < 2_000));
    }

    [Fact]
    public void More_bytes_than_allowed_are_refused_unread()
    {
        string fits = SampleFile.Yaml + "\n#" + new string('x', ApiRoutes.MaxConfigBytes - SampleFile.Yaml.Length - 2);
        Assert.NotNull(ConfigReader.Read(fits).Config);

        Assert.Equal(["f:1:1: the file is too large"], SampleFile.Errors(fits + "x"));

        // Counted in bytes, not in characters.
        Assert.Equal(["f:1:1: the file is too large"], SampleFile.Errors(fits[..^1] + "ż"));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_where_it_stands()
    {
        Assert.Equal(
            ["f:4:13: the file is not Unicode: half of a surrogate pair stands here"],
            SampleFile.Errors(SampleFile.After("name: First", "name: \U0001F600\ud800")));
        Assert.Empty(SampleFile.Errors(SampleFile.After("name: First", "name: \U0001F600")));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        string Nested(int levels) => "a: " + new string('[', levels) + new string(']', levels);

        Assert.DoesNotContain("nested", SampleFile.Errors(Nested(15))[0], StringComparison.Ordinal);
        Assert.Equal(["f:1:19: the file is nested too deeply"], SampleFile.Errors(Nested(16)));
    }

    [Fact]
    public void The_number_of_nodes_is_bounded()
    {
        string many = "a: [" + string.Concat(Enumerable.Repeat("1,", 200_000)) + "]";

        Assert.Contains("the file has too many keys and values", Assert.Single(SampleFile.Errors(many)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_flood_of_mistakes_is_cut_and_says_so()
    {
        string yaml = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"key{i}: 1\n"));
        ConfigReadResult result = ConfigReader.Read(yaml);

        Assert.Equal(101, result.Errors.Length);
        Assert.Equal("f: and more: only 100 mistakes are listed", ConfigErrorText.Format("f", result.Errors[^1]));
        Assert.Equal(Enumerable.Range(1, 100), result.Errors.Take(100).Select(error => error.Line));
    }

    [Fact]
    public void Long_values_and_keys_are_shortened_and_control_characters_are_shown()
    {
        string longText = new('a', 500);
        ConfigError value = Assert.Single(ConfigReader.Read(SampleFile.After("shield: one", $"shield: {longText}")).Errors);
        Assert.Equal(new string('a', 77) + "...", value.Value);

        ConfigError key = Assert.Single(ConfigReader.Read(SampleFile.After("shield: one", $"{longText}: one")).Errors);
        Assert.Equal($"sites.www.{new string('a', 77)}...", key.Path);

        ConfigError control = Assert.Single(ConfigReader.Read(SampleFile.After("shield: one", "shield: \"a\\e]0;x\\a\\u202eb\"")).Errors);
        Assert.Equal("a\\u001b]0;x\\u0007\\u202eb", control.Value);
    }
}
