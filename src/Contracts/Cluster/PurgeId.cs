using System.Globalization;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>A purge's id names its place in the log, so that it can be asked for as long as the log goes back: <c>EPOCH-SEQUENCE</c>.</summary>
public static class PurgeId
{
    /// <summary>Longest text that is looked at: an epoch of 32 characters, a dash, 19 digits, and room.</summary>
    private const int MaxLength = 64;

    public static string Of(PurgeCursor cursor) => string.Create(CultureInfo.InvariantCulture, $"{cursor.Epoch}-{cursor.Sequence}");

    public static bool TryParse(string text, out PurgeCursor cursor)
    {
        cursor = PurgeCursor.None;
        int dash = text.LastIndexOf('-');
        if (text.Length > MaxLength || dash <= 0
            || !long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long sequence) || sequence < 1)
        {
            return false;
        }

        cursor = new PurgeCursor(text[..dash], sequence);
        return true;
    }
}
