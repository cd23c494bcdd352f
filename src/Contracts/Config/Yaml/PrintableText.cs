using System.Globalization;
using System.Text;

namespace OrleansCdn.Contracts.Config.Yaml;

/// <summary>Text of a file made fit for one line of a terminal: no control characters (escape sequences), not too long.</summary>
internal static class PrintableText
{
    private const string Ellipsis = "...";

    /// <returns>At most <paramref name="maxLength"/> characters; what is left out is marked by <c>...</c>.</returns>
    public static string Of(string text, int maxLength)
    {
        var printable = new StringBuilder();
        int complete = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            // A lone surrogate comes out of the enumeration as U+FFFD, which prints.
            printable.Append(IsPrintable(rune) ? rune.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"));
            if (printable.Length > maxLength)
            {
                printable.Length = complete;
                return printable.Append(Ellipsis).ToString();
            }

            if (printable.Length <= maxLength - Ellipsis.Length)
            {
                complete = printable.Length;
            }
        }

        return printable.ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
