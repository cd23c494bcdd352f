using System.Globalization;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Communities of all three kinds, and templates of them.</summary>
internal static class CommunityTexts
{
    /// <summary>Each community with both placeholders, in the largest form.</summary>
    private const int MaxTemplateLength = CommunityTemplate.MaxTogether * 64;

    public static readonly ScalarType<Community> Community = new(
        "a community such as 64500:120, 64500:1:120 (large), rt:64500:120, ro:64500:120 or ext:0x0002fbf400000078; in quotes",
        (string text, out Community value) => Routing.Community.TryParse(text, out value) ? null : "is not a community",
        value => value.ToString());

    public static readonly ScalarType<string> Template = Tokens.Text(
        "a community, in which {asn} stands for the carrier's AS number and {neighbor} for the upstream's, or several that belong together with + between them; in quotes",
        text => text.Length <= MaxTemplateLength && CommunityTemplate.TryExpand(text, 1, 1, out _) ? null : "is not a community");

    /// <summary>A template where no carrier is spoken of.</summary>
    public static readonly ScalarType<string> CarrierlessTemplate = Tokens.Text(
        "a community, in which {neighbor} stands for the upstream's AS number, or several that belong together with + between them; in quotes",
        text => Template.Parse(text, out _)
            ?? (text.Contains(CommunityTemplate.Carrier, StringComparison.Ordinal) ? "speaks of a carrier, and no carrier is meant here" : null));

    public static readonly ScalarType<DateOnly> Date = new(
        "a date such as 2026-01-31",
        (string text, out DateOnly value) =>
            DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value) ? null : "is not a date",
        value => value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    /// <summary>AS numbers as keys of a mapping.</summary>
    public static readonly ScalarType<string> AsnText = Tokens.Text(Numbers.Asn.Allowed, text => Numbers.Asn.Parse(text, out _));

    /// <summary>One line for people.</summary>
    public static ScalarType<string> Line(int max) => Tokens.Text(
        $"1 to {max} printable characters",
        text => text.Length > 0 && text.Length <= max && !text.Any(char.IsControl) && text.Trim() == text ? null : "is not a printable text");
}
