using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.FromConfig;

/// <summary>The part of a config's validation that needs zones to be compiled: what their records say one by one and together.</summary>
public static class ZonesCheck
{
    /// <param name="read">What was read from <paramref name="yaml"/>.</param>
    /// <param name="yaml">For the places of mistakes.</param>
    /// <returns><paramref name="read"/>, or the mistakes of its zones.</returns>
    public static ConfigReadResult Of(ConfigReadResult read, string yaml)
    {
        if (read.Config is null)
        {
            return read;
        }

        ImmutableArray<CompiledZone> zones = ConfiguredZones.Compile(read.Config, 0, SteeredMakers.None);
        if (!zones.Any(zone => zone.HasErrors))
        {
            return read;
        }

        ConfigPlaces places = ConfigPlaces.Of(yaml);
        return new ConfigReadResult(
            null,
            [.. zones.SelectMany((zone, i) => zone.Mistakes.Where(mistake => !mistake.IsWarning).Select(mistake => Error(places, read.Config, i, mistake)))]);
    }

    /// <summary>At the key that the records come from: which line of them it is stands in the message, since YAML has several forms for text.</summary>
    private static ConfigError Error(ConfigPlaces places, CdnConfig config, int index, ZoneMistake mistake)
    {
        string item = string.Create(CultureInfo.InvariantCulture, $"[{index}]");
        string? file = config.Dns!.Zones[index].RecordsFile;
        string[] keys = mistake.Line == 0 ? ["dns", "zones", item, "name"]
            : file is null ? ["dns", "zones", item, "records"]
            : ["dns", "zones", item, "file"];
        string line = mistake.Line == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{(file is null ? "" : file + " ")}line {mistake.Line}: ");
        string subject = mistake.Subject.Length == 0 ? "" : mistake.Subject + " ";
        string instead = mistake.Instead is null ? "" : "; " + mistake.Instead;
        return places.Error(keys, $"{line}{subject}{mistake.Message}{instead}", showsValue: false);
    }
}
