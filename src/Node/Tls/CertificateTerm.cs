using System.Globalization;

namespace OrleansCdn.Node.Tls;

/// <summary>How near a certificate's end is, and the words for it. Pure.</summary>
public static class CertificateTerm
{
    /// <summary>ACME clients renew a certificate of 90 days at the latest 30 days before its end: one that is this near was not renewed in time.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    public static bool IsNear(DateTimeOffset end, DateTimeOffset now) => end - now < Notice;

    /// <summary><c>ends 2026-03-15, in 13 days</c>, or <c>ended 2026-02-28</c>.</summary>
    public static string Words(DateTimeOffset end, DateTimeOffset now) => end < now
        ? string.Create(CultureInfo.InvariantCulture, $"ended {end.UtcDateTime:yyyy-MM-dd}")
        : string.Create(CultureInfo.InvariantCulture, $"ends {end.UtcDateTime:yyyy-MM-dd}, in {Math.Floor((end - now).TotalDays):0} days");
}
