using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>Zone files beside a config: their text is in the config before anybody else sees it.</summary>
public sealed class ZoneFilesTests : IDisposable
{
    private const string Zone = "file: { path: zones/org.zone, text: \"@ A 192.0.2.1\\n\" }";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("cdn-zones-");

    private string Config => Path.Combine(_directory.FullName, "cdn.yaml");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>What makes trouble in YAML, in a terminal or in a master file.</summary>
    private const string Awkward = "\"quoted\" \\092 { [ # : - ' % @ ż 😀 \u2028 \uFEFF x\tTXT \"a;b\"\n\n; comment\n  ( 1\n  ) \n";

    [Theory]
    [InlineData("file: zones/a.zone }")]
    [InlineData("file: 'zones/a.zone' }")]
    [InlineData("file: \"zones/\\x61.zone\", ttl: 30s }")]
    [InlineData("file: zones/a.zone # where it came from\n    }")]
    public void The_text_of_the_file_is_in_the_config(string end)
    {
        Write("zones/a.zone", Awkward);
        string yaml = SampleFile.After(Zone + " }", end);

        (string inlined, ImmutableArray<ConfigError> errors) = ZoneFiles.Inline(Config, yaml);

        Assert.Empty(errors);
        ConfigReadResult read = ConfigReader.Read(inlined);
        Assert.Equal("", ConfigErrorText.Format("f", read.Errors));
        Assert.Equal((Awkward, "zones/a.zone"), (read.Config!.Dns!.Zones[1].Records, read.Config.Dns.Zones[1].RecordsFile));

        // Messages about anything else still lead to the right lines.
        Assert.Equal(yaml.Count(c => c == '\n'), inlined.Count(c => c == '\n'));
        Assert.Equal(inlined, ZoneFiles.Inline(Config, inlined).Yaml);
    }

    [Fact]
    public void In_block_style_with_a_byte_order_mark_and_windows_line_ends_too()
    {
        Write("a.zone", "@ A 192.0.2.1\r\n");
        Write("b.zone", new string('x', ConfigLimits.MaxRecordsBytes));
        string yaml = "\uFEFF" + SampleFile.Yaml.ReplaceLineEndings("\n")
            .Replace("    - { name: example.org, nameservers: [ns1.example.net], " + Zone + " }", "    - name: example.org\n      nameservers: [ns1.example.net]\n      file: a.zone\n    - name: example.com\n      file: b.zone\n      nameservers: [ns1.example.net]", StringComparison.Ordinal)
            .ReplaceLineEndings("\r\n");

        (string inlined, ImmutableArray<ConfigError> errors) = ZoneFiles.Inline(Config, yaml);

        Assert.Empty(errors);
        ConfigReadResult read = ConfigReader.Read(inlined);
        Assert.Equal("", ConfigErrorText.Format("f", read.Errors));
        Assert.Equal("@ A 192.0.2.1\n", read.Config!.Dns!.Zones[1].Records);
        Assert.Equal(ConfigLimits.MaxRecordsBytes, read.Config.Dns.Zones[2].Records!.Length);
    }

    [Fact]
    public void Every_file_that_is_of_no_use_is_named_with_its_place()
    {
        Write("large.zone", new string('x', ConfigLimits.MaxRecordsBytes + 1));
        File.WriteAllBytes(Path.Combine(_directory.FullName, "latin.zone"), [0xE9]);
        Write("binary.zone", "a\0");
        string zones = string.Join("\n    ", new[] { "none", "large", "latin", "binary" }.Select((file, i) => $"- {{ name: z{i}.example, nameservers: [ns1.example.net], file: {file}.zone }}"));
        string yaml = SampleFile.After("    - { name: example.org, nameservers: [ns1.example.net], " + Zone + " }", "    " + zones);

        (_, ImmutableArray<ConfigError> errors) = ZoneFiles.Inline(Config, yaml);

        Assert.Equal(["dns.zones[1].file", "dns.zones[2].file", "dns.zones[3].file", "dns.zones[4].file"], errors.Select(error => error.Path));
        Assert.StartsWith("cannot be read: Could not find", errors[0].Message, StringComparison.Ordinal);
        Assert.Equal(
            ["names a file whose text is too long", "is not UTF-8 text", "names a file whose text has control characters in it"],
            errors.Skip(1).Select(error => error.Message));
        Assert.Equal([53, 54, 55, 56], errors.Select(error => error.Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("dns: { zones: [{ file: a }, { file: a }, 1, [], { file: }, { file: [] }] }")]
    [InlineData("dns: { zones: { file: a } }")]
    public void What_is_no_config_is_left_to_who_says_so(string yaml)
    {
        Write("a", "x");
        ZoneFiles.Inline(Config, yaml);
        Assert.NotEmpty(ConfigReader.Read(ZoneFiles.Inline(Config, yaml).Yaml).Errors);
    }

    /// <summary>Whoever may apply configs must not read the files of a silo's or an edge's disk by it.</summary>
    [Fact]
    public void A_config_that_comes_over_the_network_names_no_file() => Assert.Equal(
        ["f:53:66: dns.zones[1].file: names /etc/shadow, and what stands in it is not here"],
        SampleFile.Errors(SampleFile.After(Zone, "file: /etc/shadow")));

    private void Write(string path, string text)
    {
        string file = Path.Combine(_directory.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
