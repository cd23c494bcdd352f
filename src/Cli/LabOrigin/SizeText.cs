using System.Globalization;

namespace OrleansCdn.Cli.LabOrigin;

/// <summary>Sizes in the sample origin's paths: <c>1k</c>, <c>64k</c>, <c>1m</c>, <c>2g</c>, or plain bytes.</summary>
internal static class SizeText
{
    // Nothing is stored, so the bound only keeps a typing error from becoming an endless download.
    public const long MaxBytes = 16L * 1024 * 1024 * 1024;

    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        int shift = char.ToLowerInvariant(text[^1]) switch
        {
            'k' => 10,
            'm' => 20,
            'g' => 30,
            _ => 0,
        };
        ReadOnlySpan<char> digits = shift == 0 ? text : text[..^1];
        if (!uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
        {
            return false;
        }

        bytes = (long)number << shift;
        return bytes <= MaxBytes;
    }
}
