using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class DnsCheckCommandTests : IDisposable
{
    private const string Records = """
        @ MX 10 mail
                mail A 192.0.2.1
                mail 60 AAAA 2001:db8::1
                child NS ns.child
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("cdn-cli-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Zones_are_counted_and_what_is_unwise_is_a_warning()
    {
        CliRun run = await CliRun.OfAsync(["dns", "check", Write(Config(Records)), "--json"]);

        Assert.Equal(0, run.ExitCode);
        CheckedZone zone = Assert.Single(JsonSerializer.Deserialize(run.Out, ContractsJson.Default.DnsCheckReport)!.Zones);
        Assert.Equal(("cdn.example.net", (uint?)null, 1, false), (zone.Name, zone.Serial, zone.Delegations, zone.Dnssec));
        Assert.Equal((1, 1, 1), (zone.RecordsByType["MX"], zone.RecordsByType["AAAA"], zone.RecordsByType["SOA"]));
        ZoneWarning warning = Assert.Single(zone.Warnings);
        Assert.Equal(4, warning.Line);
        Assert.Contains("without glue", warning.Message, StringComparison.Ordinal);

        run = await CliRun.OfAsync(["dns", "check", Write(Config(Records))]);
        Assert.Contains("is valid: 1 zone, 1 warning.", run.Out, StringComparison.Ordinal);
        Assert.Contains("warning: cdn.example.net line 4: child.cdn.example.net. NS leads to ns.child.cdn.example.net., which has no address here", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("dns")]
    public async Task All_mistakes_are_listed_at_their_place(string command)
    {
        string path = Write(Config("@ CNAME www\n        x A 192.0.2\n        y FOO bar"));

        CliRun run = await CliRun.OfAsync(command == "dns" ? ["dns", "check", path] : ["config", "check", path]);

        Assert.Equal(1, run.ExitCode);
        string[] lines = run.Error.Split('\n');
        int line = File.ReadAllLines(path).ToList().FindIndex(text => text.Contains("records:", StringComparison.Ordinal)) + 1;
        Assert.StartsWith($"{path}:{line}:16: dns.zones[0].records: line 1: cdn.example.net. CNAME stands at the zone's name", lines[0], StringComparison.Ordinal);
        Assert.Contains("line 2: 192.0.2 is no IPv4 address; such as 192.0.2.1", lines[1], StringComparison.Ordinal);
        Assert.Contains("line 3: FOO is no type", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_of_a_zone_file_name_it()
    {
        File.WriteAllText(Path.Combine(_directory, "cdn.zone"), "ok A 192.0.2.1\nx A ::1\n");
        string path = Write(Config(null) + "      file: cdn.zone\n");

        CliRun run = await CliRun.OfAsync(["dns", "check", path]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cdn.zone line 2: ::1 is no IPv4 address", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serial: 5", "a A 192.0.2.1", "serial: 5", "a A 192.0.2.1", null)]
    [InlineData("serial: 5", "a A 192.0.2.1", "serial: 5", "a A 192.0.2.2", "its serial is still 5; write 6, or leave serial out")]
    [InlineData("serial: 5", "a A 192.0.2.1", "serial: 6", "a A 192.0.2.2", null)]
    [InlineData("serial: 5", "a A 192.0.2.1", "serial: 4", "a A 192.0.2.1", "its serial 4 is before 5, which is in force")]
    [InlineData("serial: 4294967295", "a A 192.0.2.1", "serial: 1", "a A 192.0.2.2", null)]
    [InlineData("serial: 2026112601", "a A 192.0.2.1", "", "a A 192.0.2.2", "its serial 8 is before 2026112601")]
    [InlineData("", "a A 192.0.2.1", "", "a A 192.0.2.2", null)]
    public async Task Serials_are_compared_with_those_in_force(string oldSerial, string old, string newSerial, string now, string? warning)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Config, Samples.Version(Config(old, oldSerial), 7), ContractsJson.Default.ConfigVersionReply);

        CliRun run = await api.RunAsync("dns", "check", Write(Config(now, newSerial)), "--json");

        Assert.Equal(0, run.ExitCode);
        CheckedZone zone = Assert.Single(JsonSerializer.Deserialize(run.Out, ContractsJson.Default.DnsCheckReport)!.Zones);
        Assert.Equal(warning is null, zone.Warnings.IsEmpty);
        Assert.Contains(warning ?? "", zone.Warnings.FirstOrDefault()?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_file_the_config_in_force_is_checked()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Config, Samples.Version(Config(Records), 7), ContractsJson.Default.ConfigVersionReply);

        CliRun run = await api.RunAsync("dns", "check", "--json");

        Assert.Equal(7u, Assert.Single(JsonSerializer.Deserialize(run.Out, ContractsJson.Default.DnsCheckReport)!.Zones).Serial);
    }

    /// <summary>A network with one zone that has these records.</summary>
    private static string Config(string? records, string serial = "") =>
        Samples.Yaml.Replace("{ name: waw1, ", "{ name: waw1, dns: \"192.0.2.1:53\", ", StringComparison.Ordinal) + $"""
        dns:
          zones:
            - name: cdn.example.net
              nameservers: [ns-waw.example.net]
              {(serial.Length > 0 ? serial : "ttl: 60s")}
        {(records is null ? "" : "      records: |\n        " + records + "\n")}
        """;

    private string Write(string yaml)
    {
        string path = Path.Combine(_directory, "config.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }
}
