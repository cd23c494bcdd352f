using System.Globalization;
using System.Text;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary>An explanation for people: one fact a line, nothing that says nothing.</summary>
internal static class DnsExplanationText
{
    private const int LabelWidth = 12;

    public static string Of(DnsExplanation answer)
    {
        var text = new StringBuilder();
        Line(text, "name", $"{answer.Name}{string.Concat(answer.Aliases.Select(alias => $" -> {alias}"))}");
        Line(text, "zone", answer.Zone);
        Line(text, "answer", Answer(answer));
        if (answer.Steering is { } why)
        {
            Line(text, "because", why.Reason);
            Line(text, "network", string.Create(CultureInfo.InvariantCulture, $"{why.Network}{(answer.ByResolver ? ", of who asks" : ", of the client")}; the answer holds for its /{why.Scope}"));
            Line(text, "place", Place(why));
            Line(text, "AS", why.As is { } network ? string.Create(CultureInfo.InvariantCulture, $"{network.Asn}{(network.Organization is null ? "" : $" {network.Organization}")}, by the entry {network.Entry}") : null);
            Line(text, "distance", why.Distances.IsEmpty ? null : string.Join(", ", why.Distances.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Pop} {d.Kilometres:0} km"))));
            Line(text, "measured", why.Measured.IsEmpty ? null : $"{string.Join(", ", why.Measured.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Pop} {m.Milliseconds:0.#} ms ({m.Samples} samples)")))} in {why.MeasuredNetwork}");
            Line(text, "load", why.ShedFrom is null ? null : $"{why.ShedFrom} has too much to do: this client is among those sent elsewhere");
        }

        foreach ((int place, DnsPopChoice pop) in answer.Pops.Index())
        {
            Line(text, place == 0 ? "order" : "", Pop(pop, answer));
        }

        Line(text, "config", answer.ConfigVersion == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"version {answer.ConfigVersion}, eligibility {answer.Epoch}"));
        return text.ToString();
    }

    private static string Answer(DnsExplanation answer) => answer.Kind switch
    {
        DnsNameKind.NoZone => "REFUSED: no zone of this CDN has the name",
        DnsNameKind.NoName => "NXDOMAIN: the zone has no such name",
        DnsNameKind.Delegated => "a referral: the name is another server's to answer",
        DnsNameKind.Static when answer.Addresses.IsEmpty => "the same for everybody",
        DnsNameKind.Static => $"{string.Join(", ", answer.Addresses)}, the same for everybody",
        _ when answer.Addresses.IsEmpty => "no addresses: the config gives none to the servers of any PoP",
        _ => $"{string.Join(", ", answer.Addresses)} ({string.Join(", ", answer.Chosen)})",
    };

    private static string? Place(SteeringExplanation why)
    {
        if (why.IsSpecialPurpose)
        {
            return "none: the address is for special purposes (RFC 6890)";
        }

        if (why.Place is not { } place)
        {
            return "not known to any database";
        }

        string registered = place.RegisteredCountry is null || place.RegisteredCountry == place.Country ? "" : $", registered in {place.RegisteredCountry}";
        string coordinates = place is { Latitude: { } latitude, Longitude: { } longitude }
            ? string.Create(CultureInfo.InvariantCulture, $", {latitude:0.##} {longitude:0.##}{(place.CoordinatesOf is null ? "" : $" ({place.CoordinatesOf})")}")
            : "";
        return $"{place.Country ?? "?"} ({place.Continent ?? "?"}){registered}{coordinates}, by the entry {place.Entry}";
    }

    private static string Pop(DnsPopChoice pop, DnsExplanation answer)
    {
        string state = pop.State switch
        {
            null or EligibilityState.InService => "",
            EligibilityState.Draining => " - drained",
            EligibilityState.WantsOut => " - its edges want no visitors",
            _ => " - its edges are gone",
        };
        string detail = pop.Detail is null || state.Length == 0 ? "" : $": {PlainText.Of(pop.Detail)}";
        return $"{pop.Pop}{(answer.Chosen.Contains(pop.Pop) ? " *" : "")}{state}{detail}{(pop.HasAddresses ? "" : " - no addresses in the config")}";
    }

    private static void Line(StringBuilder text, string label, string? value)
    {
        if (value is not null)
        {
            text.Append("  ").Append(label.PadRight(LabelWidth)).Append(PlainText.Of(value)).AppendLine();
        }
    }
}
