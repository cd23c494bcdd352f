using System.Globalization;
using System.Net;
using System.Text;

namespace OrleansCdn.Edge.Dns.Visits;

/// <summary>The same for people: one table, no script, nothing loaded. Every text is escaped: names of rules are the operator's.</summary>
internal static class VisitHtml
{
    /// <summary>For <c>Content-Security-Policy</c>.</summary>
    public const string Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Head = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
        <title>How you came here</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 44rem; padding: 0 1rem; color-scheme: light dark }
        th { text-align: left; font-weight: 600; padding: .3rem 1.5rem .3rem 0; vertical-align: top; white-space: nowrap } td { padding: .3rem 0; overflow-wrap: anywhere }
        </style></head><body><h1>How you came here</h1>
        """;

    public static byte[] Of(VisitPageReply reply)
    {
        StringBuilder page = new(Head);
        page.Append("\n<p>").Append(Escaped(reply.Detail)).Append("</p>\n<table>\n");
        Row(page, "You", reply.Client);
        Row(page, "Came to", reply.Address);
        Row(page, "Served by", reply.Edge);
        if (reply.Visit is { } visit)
        {
            Row(page, "Name asked for", visit.Name);
            Row(page, "Number", visit.Id);
            Row(page, "Resolver", visit.Resolver.Address);
            Row(page, "Resolver's place", Place(visit.Resolver));
            Row(page, "Client subnet", visit.ClientSubnet?.Address ?? "none sent");
            Row(page, "Subnet's place", visit.ClientSubnet is null ? null : Place(visit.ClientSubnet));
            Row(page, "Rule", visit.Rule);
            Row(page, "Sent to", visit.Pop);
            Row(page, "Answered by", visit.Nameserver);
            Row(page, "When", string.Create(CultureInfo.InvariantCulture, $"{visit.When.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {visit.AgeSeconds:0} s ago"));
        }

        return Encoding.UTF8.GetBytes(page.Append("</table>\n</body></html>\n").ToString());
    }

    private static string Place(VisitSource source)
    {
        string?[] parts =
        [
            source.Country is null ? null : $"country {source.Country}",
            source.RegisteredCountry is null || source.RegisteredCountry == source.Country ? null : $"registered in {source.RegisteredCountry}",
            source.Continent is null ? null : $"continent {source.Continent}",
            source.Asn is { } asn ? string.Create(CultureInfo.InvariantCulture, $"AS{asn}") : null,
        ];
        return parts.All(part => part is null) ? "not known" : string.Join(", ", parts.Where(part => part is not null));
    }

    private static void Row(StringBuilder page, string name, string? value)
    {
        if (value is not null)
        {
            page.Append("<tr><th>").Append(Escaped(name)).Append("</th><td>").Append(Escaped(value)).Append("</td></tr>\n");
        }
    }

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
