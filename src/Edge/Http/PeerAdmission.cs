using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Http;

/// <summary>What another edge asks for, read from its <see cref="PeerHeaders"/>.</summary>
public readonly record struct PeerAsk(bool IsHolderOnly, bool IsHttps, PurgeCursor Cursor)
{
    /// <summary>False when the fields are missing or make no sense.</summary>
    public static bool TryParse(IHeaderDictionary headers, out PeerAsk ask)
    {
        ask = default;
        string mode = headers[PeerHeaders.Mode].ToString();
        string scheme = headers[PeerHeaders.Scheme].ToString();
        string cursor = headers[PeerHeaders.Cursor].ToString();
        int colon = cursor.LastIndexOf(':');
        if (mode is not (PeerHeaders.ModeHolder or PeerHeaders.ModeShield) || scheme is not ("http" or "https") || colon < 0
            || !long.TryParse(cursor.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long sequence))
        {
            return false;
        }

        ask = new PeerAsk(mode == PeerHeaders.ModeHolder, scheme == "https", new PurgeCursor(cursor[..colon], sequence));
        return true;
    }

    /// <summary>
    /// Whether this edge knows every purge that the asker knows. The beginning of another log counts as well: who stands there has
    /// been told to ask again about everything from before, and one that stands nowhere may have lost its place.
    /// </summary>
    public bool IsCoveredBy(PurgeCursor own) => own.Covers(Cursor);
}
