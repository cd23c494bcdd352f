using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>What choosing a PoP refers to elsewhere in the file: PoPs, their prefixes, databases. What is missing is said once.</summary>
internal sealed class SteeringNeeds(FileFacts facts, GeoFilesConfig? geo, bool geoIsWrong)
{
    private bool _saidCountry;
    private bool _saidAsn;

    public ConfigErrors Errors => facts.Errors;

    /// <summary>Such a rule would match nobody.</summary>
    public void Country(YamlText asks)
    {
        if (geo?.Country is null && !geoIsWrong && !_saidCountry)
        {
            _saidCountry = true;
            Errors.Add(asks, "asks where the visitor is, and there is no database of countries", "geo with country under dns");
        }
    }

    public void Asn(YamlText asks)
    {
        if (geo?.Asn is null && !geoIsWrong && !_saidAsn)
        {
            _saidAsn = true;
            Errors.Add(asks, "asks for the visitor's network, and there is no database of AS numbers", "geo with asn under dns");
        }
    }

    /// <returns>Ids, also where a PoP's prefix stood.</returns>
    public ImmutableArray<string> Pops(ImmutableArray<Found<string>> names)
    {
        ImmutableArray<string>.Builder pops = ImmutableArray.CreateBuilder<string>(names.Length);
        foreach (Found<string> name in names)
        {
            if (Pop(name) is not string pop)
            {
                continue;
            }

            if (pops.Contains(pop))
            {
                Errors.Add(name.Node!, "is given twice", "each PoP once");
            }

            pops.Add(pop);
        }

        return pops.ToImmutable();
    }

    private string? Pop(Found<string> name)
    {
        if (name.Value.Contains('/', StringComparison.Ordinal))
        {
            if (SteeringTexts.IdPrefix.Parse(name.Value, out IPNetwork prefix) is string problem)
            {
                Errors.Add(name.Node!, problem, SteeringTexts.Result.Allowed);
                return null;
            }

            if (facts.IdPrefixes.TryGetValue(prefix, out string? owner))
            {
                return owner;
            }

            if (!facts.AnyIdPrefixIsWrong)
            {
                Errors.Add(name.Node!, "is the id-prefix of no PoP", "id-prefix with it at a PoP, or the id of a PoP");
            }

            return null;
        }

        facts.ReportUnknownPop(name, null);
        return name.Value;
    }
}
