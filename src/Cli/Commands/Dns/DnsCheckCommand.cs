using System.Collections.Immutable;
using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary><c>cdn dns check [FILE]</c>: what the zones of a config hold and what is unwise in them; its mistakes as <c>cdn config check</c> tells them.</summary>
internal static class DnsCheckCommand
{
    private const string InForce = "the config in force";

    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var file = new Argument<string?>("FILE") { Description = $"Config file (docs/configuration.md) [default: {InForce}]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("check", "Check zones and the config around them: with a file on this machine alone, with --api also its serials against those in force.") { file };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? path = parsed.GetValue(file);
            ConfigVersionReply? inForce = path is null || api.IsNamed(parsed) ? await ReadAsync(api.Connect(parsed), cancellationToken) : null;
            CdnConfig config = path is null
                ? ConfigFile.Check(InForce, inForce!.Yaml, host)
                : ConfigFile.Check(path, ConfigFile.ReadConfig(path, host), host);
            long version = (inForce?.Info.Version ?? 0) + (path is null ? 0 : 1);
            ImmutableArray<CompiledZone> zones = ConfiguredZones.Compile(config, version, SteeredMakers.None);
            ImmutableDictionary<string, string> serials = inForce is null || path is null ? ImmutableDictionary<string, string>.Empty : SerialCheck.Warnings(zones, inForce);
            var report = new DnsCheckReport
            {
                Zones = [.. zones.Zip(config.Dns?.Zones ?? [], (zone, from) => Of(zone, from, path is null, serials.GetValueOrDefault(from.Name)))],
            };
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(report, ContractsJson.Default.DnsCheckReport);
            }
            else
            {
                Write(host, path ?? InForce, report);
            }

            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn dns check three-pops.yaml                             without a silo",
            "cdn dns check three-pops.yaml --api http://127.0.0.1:8080   also the serials, against those in force",
            "cdn dns check --json | jq '.zones[].warnings[].message'");
    }

    private static async Task<ConfigVersionReply> ReadAsync(ApiClient client, CancellationToken cancellationToken)
    {
        using (client)
        {
            return await client.ConfigAsync(null, cancellationToken);
        }
    }

    private static CheckedZone Of(CompiledZone compiled, DnsZoneConfig from, bool isInForce, string? serial)
    {
        Zone zone = compiled.Zone!;
        RrSet[] sets = [.. zone.Nodes.SelectMany(node => node.Sets.ToArray())];
        return new CheckedZone
        {
            Name = from.Name,
            Serial = from.Serial ?? (isInForce ? zone.Serial : null),
            Names = zone.Nodes.Count(node => !node.Types.IsEmpty || node.Steered is not null),
            Records = sets.Sum(set => set.Count),
            RecordsByType = sets.GroupBy(set => DnsTypeText.Of(set.Type)).ToImmutableSortedDictionary(group => group.Key, group => group.Sum(set => set.Count), StringComparer.Ordinal),
            Steered = zone.Nodes.Count(node => node.Steered is not null),
            Delegations = zone.Nodes.Count(node => ReferenceEquals(node.Cut, node)),
            Dnssec = from.Dnssec,
            Warnings =
            [
                .. serial is null ? Array.Empty<ZoneWarning>() : [new ZoneWarning(0, serial)],
                .. compiled.Mistakes.Select(mistake => new ZoneWarning(mistake.Line, $"{mistake.Subject} {mistake.Message}{(mistake.Instead is null ? "" : "; " + mistake.Instead)}".Trim())),
            ],
        };
    }

    private static void Write(CliHost host, string what, DnsCheckReport report)
    {
        if (report.Zones.IsEmpty)
        {
            host.Out.WriteLine($"{what} is valid and has no zones.");
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Zone", "Serial");
        foreach (string column in (string[])["Names", "Records", "Steered", "Delegations"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        table.AddColumn("Signed");
        foreach (CheckedZone zone in report.Zones)
        {
            table.AddRow(
                Markup.Escape(zone.Name),
                zone.Serial is uint serial ? $"{serial}" : "the config's version",
                Units.Count(zone.Names),
                Units.Count(zone.Records),
                Units.Count(zone.Steered),
                Units.Count(zone.Delegations),
                zone.Dnssec ? "yes" : "no");
        }

        host.Console.Write(table);
        foreach (CheckedZone zone in report.Zones)
        {
            foreach (ZoneWarning warning in zone.Warnings)
            {
                host.Out.WriteLine($"warning: {zone.Name}{(warning.Line > 0 ? $" line {warning.Line}" : "")}: {PlainText.Of(warning.Message)}");
            }
        }

        int warnings = report.Zones.Sum(zone => zone.Warnings.Length);
        host.Out.WriteLine($"{what} is valid: {report.Zones.Length} {(report.Zones.Length == 1 ? "zone" : "zones")}, {warnings} {(warnings == 1 ? "warning" : "warnings")}.");
    }
}
