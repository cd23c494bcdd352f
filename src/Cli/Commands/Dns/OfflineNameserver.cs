using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary>A nameserver of a config file and databases on this machine, that answers one question: every PoP is eligible to it.</summary>
internal static class OfflineNameserver
{
    public static DnsExplanation Explain(string file, string? geo, DnsAsked asked, CliHost host)
    {
        CdnConfig config = ConfigFile.Check(file, ConfigFile.ReadConfig(file, host), host);
        if (config.Dns is not DnsConfig dns)
        {
            throw new CommandFailure(ExitCode.Failed, $"{file} has no zones", "Add 'dns' (docs/dns.md).");
        }

        SteeringCompilation steering = SteeringCompiler.Compile(
            new SteeringInputs { Policy = ConfiguredSteering.Policy(config), Databases = Databases(dns.Geo, geo, host), Now = host.Time.GetUtcNow() });
        var data = new DnsData
        {
            Zones = new ZoneTable(ConfiguredZones.Compile(config, version: 0, SteeredMakers.None).Where(zone => zone.Zone is not null).Select(zone => new ServedZone(zone.Zone!))),
            Steering = steering.Table ?? throw new CommandFailure(ExitCode.Failed, steering.Error!),
            DefaultOrder = ConfiguredSteering.DefaultOrder(config),
            SubnetLimits = new ClientSubnetLimits(dns.ClientSubnet.Ipv4Bits, dns.ClientSubnet.Ipv6Bits),
        };
        return DnsExplainer.Explain(data, [.. config.Pops.Select(pop => pop.Id)], Eligibility.None, asked);
    }

    private static GeoDatabases Databases(GeoFilesConfig? paths, string? directory, CliHost host)
    {
        var files = directory is null
            ? new GeoFiles(paths?.Country, paths?.Asn)
            : new GeoFiles(Named(directory, paths?.Country, "country.mmdb"), Named(directory, paths?.Asn, "asn.mmdb"));
        files.Look();
        foreach (GeoFileStatus status in new[] { files.Country, files.Asn }.Where(status => status.State is GeoFileState.Missing or GeoFileState.Unusable))
        {
            host.Error.WriteLine($"cdn: {status.Path}: {status.Error}; explained without it");
        }

        return files.Current;
    }

    /// <summary>Null: the config has no such database, so the edges have none.</summary>
    private static string? Named(string directory, string? configured, string usual)
    {
        string own = Path.Combine(directory, Path.GetFileName(configured) ?? usual);
        return configured is null ? null : File.Exists(own) ? own : Path.Combine(directory, usual);
    }
}
