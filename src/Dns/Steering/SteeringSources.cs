using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Geo;

namespace OrleansCdn.Dns.Steering;

/// <summary>What a table was compiled from, kept to say why.</summary>
internal sealed class SteeringSources(SteeringInputs inputs, RttTable usable, SelectionChain chain)
{
    public SteeringInputs Inputs => inputs;

    public FamilyTrees Ipv4 { get; } = new(true, inputs, usable);

    public FamilyTrees Ipv6 { get; } = new(false, inputs, usable);

    public bool HasOverride(bool isIpv4, UInt128 address) => (isIpv4 ? Ipv4 : Ipv6).HasOverride(address);

    public SteeringExplanation Explain(bool isIpv4, UInt128 network, int bits, SteeringList list, int scope)
    {
        FamilyTrees trees = isIpv4 ? Ipv4 : Ipv6;
        FamilyCursor at = trees.Root;
        int placeBits = 0;
        int asBits = 0;
        for (int depth = 0; depth < trees.Length && !at.IsLast; depth++)
        {
            placeBits += at.Place.IsNode ? 1 : 0;
            asBits += at.Network.IsNode ? 1 : 0;
            at = trees.Child(at, (int)(network >> (trees.Length - 1 - depth)) & 1, depth);
        }

        ChainFacts facts = trees.Facts(at);
        ChainVerdict verdict = chain.Decide(facts);
        string Text(int length) => Prefix(isIpv4, network, length);
        bool isPlaced = SelectionChain.TryPlace(facts.Place, out double latitude, out double longitude, out string? placeOfCountry);
        ImmutableArray<string> pops = [.. list.Pops.Select(p => inputs.Policy.Pops[p].Id)];
        string first = inputs.Policy.Pops[verdict.Order[0]].Id;
        return new SteeringExplanation
        {
            Network = Text(bits),
            Step = verdict.Step,
            Reason = Reason(verdict, facts),
            Rule = Rule(verdict),
            Pops = pops,
            Scope = scope,
            IsSpecialPurpose = at.Special.Value != PrefixTree.None,
            Place = facts.Place with { Asn = 0, OrganizationAt = 0, OrganizationBytes = 0 } == GeoRecord.Nothing
                ? null
                : new PlaceView(
                    Text(placeBits),
                    facts.Place.Country.ToText(),
                    facts.Place.RegisteredCountry.ToText(),
                    facts.Place.Continent.ToText(),
                    isPlaced ? latitude : null,
                    isPlaced ? longitude : null,
                    placeOfCountry),
            As = facts.Asn == 0 ? null : new NetworkView(Text(asBits == 0 ? placeBits : asBits), facts.Asn, Organization(at, facts)),
            Distances = isPlaced ? Distances(latitude, longitude) : [],
            Measured = facts.Rtt == PrefixTree.None ? [] : Measured(facts.Rtt),
            MeasuredNetwork = facts.Rtt == PrefixTree.None ? null : usable.Rows[facts.Rtt].Network.ToString(),
            ShedFrom = pops[0] == first ? null : first,
        };
    }

    private string? Organization(in FamilyCursor at, in ChainFacts facts) =>
        (at.Network.Record >= 0 && inputs.Databases.Asn!.Records[at.Network.Record].Asn != 0 ? inputs.Databases.Asn : inputs.Databases.Country)?.Organization(facts.Place);

    private ImmutableArray<PopDistance> Distances(double latitude, double longitude) =>
        [.. inputs.Policy.Pops.Select((pop, i) => new PopDistance(pop.Id, Math.Round(chain.Kilometres(i, latitude, longitude)))).OrderBy(d => d.Kilometres)];

    private ImmutableArray<PopRtt> Measured(int row) =>
        [.. usable.Rows[row].Medians.OrderBy(m => m.Milliseconds).Select(m => new PopRtt(m.Pop, m.Milliseconds, m.Samples, m.Newest))];

    private string Rule(ChainVerdict verdict) => verdict.Step switch
    {
        SteeringStep.PrefixOverride => inputs.Policy.Prefixes[verdict.Index].Prefix.ToString(),
        SteeringStep.AsnOverride => string.Create(CultureInfo.InvariantCulture, $"AS{inputs.Policy.Asns[verdict.Index].Asn}"),
        SteeringStep.Rule => inputs.Policy.Rules[verdict.Index].Name,
        SteeringStep.MeasuredRtt => "measured",
        SteeringStep.Distance => "distance",
        _ => "default",
    };

    private string Reason(ChainVerdict verdict, in ChainFacts facts)
    {
        string first = inputs.Policy.Pops[verdict.Order[0]].Id;
        return verdict.Step switch
        {
            SteeringStep.PrefixOverride => $"the override for {inputs.Policy.Prefixes[verdict.Index].Prefix} names {first}",
            SteeringStep.AsnOverride => string.Create(CultureInfo.InvariantCulture, $"the override for AS{facts.Asn} names {first}"),
            SteeringStep.Rule => $"the rule '{inputs.Policy.Rules[verdict.Index].Name}' is the first that matches, and names {first}",
            SteeringStep.MeasuredRtt => $"{first} was measured to be enough faster than what is nearest",
            SteeringStep.Distance => $"{first} is nearest",
            _ => $"nothing is known of it: the default order begins with {first}",
        };
    }

    private static string Prefix(bool isIpv4, UInt128 network, int bits) =>
        string.Create(CultureInfo.InvariantCulture, $"{AddressBits.ToAddress(isIpv4, AddressBits.Network(isIpv4, network, bits))}/{bits}");
}
