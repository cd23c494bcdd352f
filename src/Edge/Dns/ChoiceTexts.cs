using System.Collections.Immutable;
using System.Globalization;
using System.Text.Unicode;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Geo;

namespace OrleansCdn.Edge.Dns;

/// <summary>
/// TXT answers that say why the visitor is sent where they are. The first four kinds are those of dnsprint, so that what reads its answers
/// reads these; what this CDN has to say beside them follows.
/// </summary>
internal sealed class ChoiceTexts(ImmutableArray<PopConfig> pops, Func<GeoDatabases> databases, ExplainBudget budget) : SteeringExplainer
{
    /// <summary>What has decided while nothing is compiled.</summary>
    public const string WithoutTable = "default";

    /// <summary>RFC 1035 §3.3: of one string.</summary>
    private const int MaxString = 255;

    public override int Explain(in SteeredQuestion question, Span<byte> records)
    {
        string pop = question.Pop >= 0 ? pops[question.Pop].Id : "none";
        if (!budget.TryTake())
        {
            return Write(records, [$"Pop={pop}", "Busy=ask again in a second"]);
        }

        GeoDatabases known = databases();
        GeoRecord resolver = QuestionPlaces.OfResolver(known, question);
        GeoRecord? subnet = QuestionPlaces.OfSubnet(known, question);
        SteeringExplanation? why = question.Data.Steering?.Explain(question.IsIpv4, question.Address, question.Bits);
        List<string> lines = [$"Geo {Place(known.Find(question.IsIpv4, question.Address))}", $"OrigGeo {Place(resolver)}"];
        if (subnet is { } place)
        {
            lines.Add($"ECSGeo {Place(place)}");
        }

        lines.Add($"Rule={(why?.Step == SteeringStep.Rule ? why.Rule : "NONE")}");
        lines.Add($"Pop={pop}");
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"Config={question.Data.ConfigVersion} Epoch={question.Data.Epoch}"));
        if (why is not null)
        {
            lines.Add($"Step={why.Step} Order={string.Join(',', why.Pops.Take(MaxListed))}");
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Network={why.Network} Scope={why.Scope}"));
            lines.Add($"Reason={why.Reason}");
        }

        return Write(records, lines);
    }

    /// <summary>Ids of 32 characters fill a string with seven; who has more PoPs sees the most wanted ones.</summary>
    private const int MaxListed = 6;

    private static string Place(in GeoRecord place) => string.Create(
        CultureInfo.InvariantCulture,
        $"cc={place.Country.ToText()} regcc={place.RegisteredCountry.ToText()} cont={place.Continent.ToText()} asn={place.Asn}");

    /// <returns>Octets written; what has no room is left out.</returns>
    private static int Write(Span<byte> records, IEnumerable<string> lines)
    {
        Span<byte> text = stackalloc byte[MaxString];
        int at = 0;
        foreach (string line in lines)
        {
            // Cut between characters where it is longer: names of rules may have any.
            Utf8.FromUtf16(line, text, out _, out int length);
            if (at + 3 + length > records.Length)
            {
                break;
            }

            records[at] = 0;
            records[at + 1] = (byte)(length + 1);
            records[at + 2] = (byte)length;
            text[..length].CopyTo(records[(at + 3)..]);
            at += 3 + length;
        }

        return at;
    }
}
