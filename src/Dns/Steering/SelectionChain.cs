using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Geo;

namespace OrleansCdn.Dns.Steering;

/// <summary>
/// Decides for one network: 1. prefix override, 2. ASN override, 3. rules, 4. measured round-trip times, 5. distance, 6. default list.
/// Tables are compiled by it and explanations asked of it, so that they cannot differ. Pure.
/// </summary>
internal sealed class SelectionChain
{
    /// <summary>
    /// How many PoPs of a list are chosen by nearness; the rest follow in the default order. A visitor whose three nearest PoPs are all
    /// down is not helped by the fourth's exact place, and every more multiplies the answers that cannot be merged (gdnsd's
    /// <c>auto_dc_limit</c> is the same).
    /// </summary>
    public const int Nearest = 3;

    /// <summary>Light in fibre goes 200 km a millisecond, there and back.</summary>
    private const double KilometresPerMillisecond = 100;

    private readonly ImmutableArray<SteeringPop> _pops;
    private readonly ImmutableArray<SteeringRule> _rules;
    private readonly FrozenDictionary<string, int> _indexes;
    private readonly int[] _default;
    private readonly int[][] _prefixOrders;
    private readonly FrozenDictionary<uint, int> _asns;
    private readonly int[][] _asnOrders;
    private readonly int[][] _ruleOrders;
    private readonly (int Pop, double Milliseconds)[][] _rtt;
    private readonly double[] _penalties;

    /// <param name="policy">The operator's.</param>
    /// <param name="rtt">Usable rows.</param>
    /// <param name="loads">Percent, by PoP; those that are missing have none.</param>
    public SelectionChain(SteeringPolicy policy, RttTable rtt, ImmutableArray<int> loads)
    {
        _pops = policy.Pops;
        _rules = policy.Rules;
        _indexes = policy.Pops.Select((pop, i) => (pop.Id, i)).ToFrozenDictionary(p => p.Id, p => p.i);
        _default = [.. Known(policy.Default).Concat(Enumerable.Range(0, _pops.Length)).Distinct()];
        _prefixOrders = [.. policy.Prefixes.Select(p => Completed(p.Pops))];
        _asns = policy.Asns.Select((a, i) => (a.Asn, i)).DistinctBy(a => a.Asn).ToFrozenDictionary(a => a.Asn, a => a.i);
        _asnOrders = [.. policy.Asns.Select(a => Completed(a.Pops))];
        _ruleOrders = [.. policy.Rules.Select(r => Completed(r.Pops))];
        _rtt = [.. rtt.Rows.Select(row => row.Medians.Where(m => _indexes.ContainsKey(m.Pop)).Select(m => (_indexes[m.Pop], m.Milliseconds)).ToArray())];
        _penalties = [.. _pops.Select((_, i) => i < loads.Length ? PopLoad.Penalty(loads[i]) : 0)];
        MentionedAsns = policy.Asns.Select(a => a.Asn).Concat(policy.Rules.SelectMany(r => r.Asns)).ToFrozenSet();
    }

    /// <summary>All other ASes are alike.</summary>
    public FrozenSet<uint> MentionedAsns { get; }

    public ChainVerdict Decide(in ChainFacts facts)
    {
        // 1. and 2.: what the operator says of these addresses and this AS.
        if (facts.Prefix != PrefixTree.None)
        {
            return new ChainVerdict(SteeringStep.PrefixOverride, facts.Prefix, _prefixOrders[facts.Prefix]);
        }

        if (facts.Asn != 0 && _asns.TryGetValue(facts.Asn, out int asn))
        {
            return new ChainVerdict(SteeringStep.AsnOverride, asn, _asnOrders[asn]);
        }

        // 3. What the operator says of places.
        for (int i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].Matches(facts.Place, facts.Asn))
            {
                return new ChainVerdict(SteeringStep.Rule, i, _ruleOrders[i]);
            }
        }

        // 5. and 6. are what 4. has to beat.
        bool isNear = TryPlace(facts.Place, out double latitude, out double longitude, out _);
        int[] order = isNear ? ByDistance(latitude, longitude) : _default;
        if (facts.Rtt != PrefixTree.None && Faster(_rtt[facts.Rtt], order[0]) is { } pop)
        {
            return new ChainVerdict(SteeringStep.MeasuredRtt, -1, [pop, .. order.Where(p => p != pop)]);
        }

        return new ChainVerdict(isNear ? SteeringStep.Distance : SteeringStep.Default, -1, order);
    }

    /// <summary>Where a record is: its own coordinates, else a place in its country.</summary>
    public static bool TryPlace(in GeoRecord record, out double latitude, out double longitude, out string? placeOfCountry)
    {
        placeOfCountry = null;
        (latitude, longitude) = (record.Latitude, record.Longitude);
        if (record.HasCoordinates)
        {
            return true;
        }

        if (CountryTable.Find(record.Country) is not { } country)
        {
            return false;
        }

        (latitude, longitude, placeOfCountry) = (country.Latitude, country.Longitude, country.Place);
        return true;
    }

    public double Kilometres(int pop, double latitude, double longitude) =>
        GreatCircle.Kilometres(_pops[pop].Latitude, _pops[pop].Longitude, latitude, longitude);

    private int[] ByDistance(double latitude, double longitude)
    {
        // The order of the config decides between PoPs of one town.
        IEnumerable<int> near = Enumerable.Range(0, _pops.Length)
            .OrderBy(pop => (Kilometres(pop, latitude, longitude) / KilometresPerMillisecond) + _penalties[pop])
            .Take(Nearest);
        return [.. near.Concat(_default).Distinct()];
    }

    /// <summary>A PoP that was measured to be enough faster than the one that would be taken; null: none, or that one was not measured.</summary>
    private int? Faster((int Pop, double Milliseconds)[] medians, int taken)
    {
        double now = double.NaN;
        (int Pop, double Milliseconds) best = (-1, double.PositiveInfinity);
        foreach ((int pop, double milliseconds) in medians)
        {
            double felt = milliseconds + _penalties[pop];
            if (pop == taken)
            {
                now = felt;
            }

            if (felt < best.Milliseconds || (felt == best.Milliseconds && pop < best.Pop))
            {
                best = (pop, felt);
            }
        }

        return now - best.Milliseconds >= Math.Max(RttTable.MinGainMilliseconds, RttTable.MinGainShare * now) ? best.Pop : null;
    }

    private int[] Completed(ImmutableArray<string> pops) => [.. Known(pops).Concat(_default).Distinct()];

    private IEnumerable<int> Known(ImmutableArray<string> pops) => pops.Where(_indexes.ContainsKey).Select(id => _indexes[id]);
}
