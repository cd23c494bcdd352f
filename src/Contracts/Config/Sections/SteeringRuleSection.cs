using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class SteeringRuleSection
{
    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", Tokens.Title, "What explanations call it.");

    public static readonly ScalarKey<string> Continent = ScalarKey<string>.Optional(
        "cont", Places.Continent, "any", "The continent that the visitor is on. Needs `geo` with `country`, as the next two do.");

    public static readonly ListKey<string> Countries = new(
        "cc", Places.Country, 0, ConfigLimits.CountriesPerRule, "One of these is the country that the visitor's network is used in.");

    public static readonly ListKey<string> RegisteredCountries = new(
        "regcc", Places.Country, 0, ConfigLimits.CountriesPerRule, "One of these is the country that the visitor's network is registered in.");

    public static readonly ListKey<uint> Asns = new(
        "asn", Numbers.Asn, 0, ConfigLimits.AsnsPerRule, "One of these is the visitor's network. Needs `geo` with `asn`.");

    public static readonly ListKey<string> Result = new(
        "result", SteeringTexts.Result, 1, ConfigLimits.Pops, "Where the visitor is sent, the most wanted first.", OrOne: true);

    public static readonly KeyTable Table = new("dns.rules[]", [Name, Continent, Countries, RegisteredCountries, Asns, Result]);

    public static SteeringRuleConfig Bind(MapReader keys, SteeringNeeds needs)
    {
        Found<string> continent = keys.Read(Continent);
        ImmutableArray<Found<string>> countries = keys.Read(Countries);
        ImmutableArray<Found<string>> registered = keys.Read(RegisteredCountries);
        ImmutableArray<Found<uint>> asns = keys.Read(Asns);
        if ((continent.Given ? continent.Node : countries.Concat(registered).FirstOrDefault().Node) is { } place)
        {
            needs.Country(place);
        }

        if (asns is [var asn, ..])
        {
            needs.Asn(asn.Node!);
        }

        return new SteeringRuleConfig
        {
            Name = keys.Read(Name).Value,
            Continent = continent.Given ? continent.Value : null,
            Countries = [.. countries.Select(country => country.Value).Distinct()],
            RegisteredCountries = [.. registered.Select(country => country.Value).Distinct()],
            Asns = [.. asns.Select(number => number.Value).Distinct()],
            Pops = needs.Pops(keys.Read(Result)),
        };
    }
}
