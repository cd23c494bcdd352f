using System.Text;

namespace OrleansCdn.Dns.Geo.Mmdb;

/// <summary>Texts of files that others made.</summary>
internal static class PlainText
{
    /// <summary>On one line, and unable to steer a terminal.</summary>
    public static string Of(ReadOnlySpan<byte> utf8) => string.Concat(Encoding.UTF8.GetString(utf8).Select(c => char.IsControl(c) ? '?' : c));
}
