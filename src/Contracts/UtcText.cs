using System.Globalization;

namespace OrleansCdn.Contracts;

/// <summary>A moment for people, the same wherever one is shown.</summary>
public static class UtcText
{
    public static string Of(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
