using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.FromConfig;

/// <summary>Says what would be answered and why, by the functions that answer.</summary>
public static class DnsExplainer
{
    /// <summary>As many as an answer follows.</summary>
    private const int MaxAliases = 8;

    /// <param name="data">What is answered from.</param>
    /// <param name="pops">Ids by their places in the config.</param>
    /// <param name="eligibility">Why PoPs are eligible or not.</param>
    /// <param name="asked">What is asked, and by whom.</param>
    public static DnsExplanation Explain(DnsData data, ImmutableArray<string> pops, Eligibility eligibility, DnsAsked asked)
    {
        if (!NameText.TryParse(asked.Name, WireName.Root, out byte[] name, out _))
        {
            return new DnsExplanation { Name = asked.Name, Kind = DnsNameKind.NoZone, ConfigVersion = data.ConfigVersion, Epoch = data.Epoch };
        }

        var answer = new DnsExplanation { Name = Text(name), Kind = DnsNameKind.NoZone, ConfigVersion = data.ConfigVersion, Epoch = data.Epoch };
        if (data.Zones.Find(name, WireName.CountLabels(name)) is not ServedZone { Zone: Zone zone })
        {
            return answer;
        }

        answer = answer with { Zone = Text(zone.Apex.Name.Span) };
        ImmutableArray<string>.Builder aliases = ImmutableArray.CreateBuilder<string>();
        ZoneLookup found = zone.Lookup(name, WireName.CountLabels(name));
        while (found is { Verdict: ZoneVerdict.Exact or ZoneVerdict.Wildcard, Node: { } node } && node.Find(DnsType.CName) is RrSet alias && aliases.Count < MaxAliases)
        {
            ReadOnlySpan<byte> target = First(alias);
            aliases.Add(Text(target));
            if (!WireName.IsAtOrBelow(target, zone.Apex.Name.Span))
            {
                return answer with { Kind = DnsNameKind.Static, Aliases = aliases.ToImmutable() };
            }

            found = zone.Lookup(target, WireName.CountLabels(target));
        }

        answer = answer with { Aliases = aliases.ToImmutable() };
        return found switch
        {
            { Verdict: ZoneVerdict.NameError } => answer with { Kind = DnsNameKind.NoName },
            { Verdict: ZoneVerdict.Delegation } => answer with { Kind = DnsNameKind.Delegated },
            { Node.Steered: SteeredName steered } => Steered(answer, data, pops, eligibility, steered, asked),
            _ => answer with { Kind = DnsNameKind.Static, Addresses = [.. Addresses(found.Node.Find(DnsType.A)), .. Addresses(found.Node.Find(DnsType.Aaaa))] },
        };
    }

    /// <summary>Client subnet of RFC 7871 as a resolver would send it.</summary>
    public static ClientSubnet ToSubnet(IPNetwork network)
    {
        byte[] address = network.BaseAddress.GetAddressBytes();
        byte[] option = [0, (byte)(address.Length == 4 ? ClientSubnet.Ipv4Family : ClientSubnet.Ipv6Family), (byte)network.PrefixLength, 0, .. address.Take((network.PrefixLength + 7) / 8)];
        return ClientSubnet.TryRead(option, out ClientSubnet subnet) ? subnet : throw new ArgumentException("no network", nameof(network));
    }

    private static DnsExplanation Steered(
        DnsExplanation answer, DnsData data, ImmutableArray<string> pops, Eligibility eligibility, SteeredName steered, DnsAsked asked)
    {
        UInt128 mapped = MappedAddress.Of(asked.Address, out bool isIpv4);
        var from = new QuerySource { Address = mapped, IsIpv4 = isIpv4, Port = 0, IsTcp = false, Now = default };
        SteeredNetwork network = SteeredNetwork.Of(data, from, asked.Subnet is IPNetwork given ? ToSubnet(given) : null);
        ImmutableArray<int> order = data.DefaultOrder;
        if (data.Steering is SteeringTable table)
        {
            order = table.Lists[table.Choose(network.IsIpv4, network.Address, network.Bits, out _).List].Pops;
        }

        int[] chosen =
        [
            .. new[] { DnsType.A, DnsType.Aaaa }.Select(type => steered.Choose(type, order, data.Eligible)).Where(pop => pop >= 0),
        ];
        return answer with
        {
            Kind = DnsNameKind.Steered,
            Steering = data.Steering?.Explain(network.IsIpv4, network.Address, network.Bits),
            ByResolver = !network.IsSubnet,
            Pops = [.. order.Select(pop => Choice(pops[pop], eligibility, steered.Pops[pop]))],
            Addresses =
            [
                .. new[] { DnsType.A, DnsType.Aaaa }.SelectMany(type =>
                    steered.Choose(type, order, data.Eligible) is >= 0 and int pop ? Addresses(steered.Pops[pop].Find(type)) : []),
            ],
            Chosen = [.. chosen.Distinct().Select(pop => pops[pop])],
        };
    }

    private static DnsPopChoice Choice(string pop, Eligibility eligibility, PopRecords records)
    {
        PopEligibility? known = eligibility.Pops.FirstOrDefault(each => each.Pop == pop);
        return new DnsPopChoice(pop, records.A is not null || records.Aaaa is not null, known?.State, known?.Detail);
    }

    private static ImmutableArray<string> Addresses(RrSet? set)
    {
        ImmutableArray<string>.Builder addresses = ImmutableArray.CreateBuilder<string>();
        if (set is not null)
        {
            foreach (ReadOnlySpan<byte> rdata in set.View)
            {
                addresses.Add(new IPAddress(rdata).ToString());
            }
        }

        return addresses.ToImmutable();
    }

    private static byte[] First(RrSet set)
    {
        foreach (ReadOnlySpan<byte> rdata in set.View)
        {
            return rdata.ToArray();
        }

        return [0];
    }

    private static string Text(ReadOnlySpan<byte> name) => name.Length <= 1 ? "." : NameText.Of(name).TrimEnd('.');
}
