using System.Text;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Server.Tcp;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Edge.Dns;

/// <summary>What answers come from, put together from what is in force. Quick: every change of eligibility or of a secret passes here.</summary>
internal static class DnsAssembly
{
    public static DnsData Of(DnsGeneration generation, string pop, Eligibility eligibility, FleetSecrets secrets)
    {
        CdnConfig config = generation.Snapshot.Config;
        ClientSubnetConfig limits = config.Dns?.ClientSubnet ?? ClientSubnetConfig.Default;
        return new DnsData
        {
            Zones = new ZoneTable(Served(generation, secrets)),
            Steering = generation.Steering,
            DefaultOrder = ConfiguredSteering.DefaultOrder(config),
            Eligible = [.. config.Pops.Select(each => eligibility.IsEligible(each.Id))],
            Nsid = Encoding.ASCII.GetBytes(pop),
            Cookies = secrets.Cookies,
            TcpIdle = TcpSettings.Default.KeepaliveUnits,
            SubnetLimits = new ClientSubnetLimits(limits.Ipv4Bits, limits.Ipv6Bits),
            ConfigVersion = generation.Snapshot.Version,
            Epoch = eligibility.Epoch,
        };
    }

    private static IEnumerable<ServedZone> Served(DnsGeneration generation, FleetSecrets secrets)
    {
        foreach ((CompiledZone compiled, DnsZoneConfig zone) in generation.Zones.Zip(generation.Snapshot.Config.Dns?.Zones ?? []))
        {
            if (compiled.Zone is Zone records)
            {
                // Keys outlive the config's wish for as long as the parent's DS records may be in caches: nobody is to see the zone bare until then.
                ZoneSigner? signer = secrets.Signers.GetValueOrDefault(zone.Name);
                yield return new ServedZone(records, zone.Dnssec || signer is not null, signer);
            }
        }
    }
}
