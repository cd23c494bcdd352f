using System.Globalization;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Http;

/// <summary>This hop's member of <c>Cache-Status</c> (RFC 9211 §2) for everything but a plain hit.</summary>
public static class CacheStatus
{
    /// <summary>Served past its lifetime.</summary>
    public static string Stale(string pop, double ttl, string? detail) =>
        $"{pop}; hit; ttl={Seconds(ttl)}{(detail is null ? "" : $"; detail={detail}")}";

    /// <param name="why">A <c>fwd</c> token: <c>uri-miss</c>, <c>vary-miss</c>, <c>stale</c>, <c>bypass</c>, <c>method</c>, <c>request</c>.</param>
    /// <param name="status">0: there was no answer.</param>
    public static string Forwarded(string pop, string why, int status, bool isStored, bool isCollapsed, double? ttl, NotStoredReason notStored) =>
        string.Concat(
            $"{pop}; fwd={why}",
            status == 0 ? "" : $"; fwd-status={status.ToString(CultureInfo.InvariantCulture)}",
            isStored ? "; stored" : "",
            isCollapsed ? "; collapsed" : "",
            ttl is { } seconds ? $"; ttl={Seconds(seconds)}" : "",
            notStored == NotStoredReason.None ? "" : $"; detail={Token(notStored)}");

    public static string Failed(string pop, string why, UpstreamFailure failure, int status) => string.Concat(
        $"{pop}; fwd={why}", status == 0 ? "" : $"; fwd-status={status.ToString(CultureInfo.InvariantCulture)}", $"; detail={failure.Token()}");

    /// <summary>Answered by this edge itself.</summary>
    public static string Refused(string pop, string detail) => $"{pop}; detail={detail}";

    private static string Seconds(double ttl) => ((long)Math.Floor(ttl)).ToString(CultureInfo.InvariantCulture);

    /// <summary>As it stands in <c>detail</c>; not for <see cref="NotStoredReason.None"/>.</summary>
    internal static string Token(NotStoredReason reason) => reason switch
    {
        NotStoredReason.Method => "not-stored-method",
        NotStoredReason.Bypass => "not-stored-rule",
        NotStoredReason.RequestNoStore => "not-stored-request-no-store",
        NotStoredReason.NoStore => "not-stored-no-store",
        NotStoredReason.Private => "not-stored-private",
        NotStoredReason.Authorization => "not-stored-authorization",
        NotStoredReason.SetCookie => "not-stored-set-cookie",
        NotStoredReason.VaryAny => "not-stored-vary-any",
        NotStoredReason.Status => "not-stored-status",
        NotStoredReason.Refused => "not-stored-refused",
        NotStoredReason.Partial => "not-stored-partial",
        NotStoredReason.NoLifetime => "not-stored-no-lifetime",
        NotStoredReason.TooLarge => "not-stored-too-large",
        NotStoredReason.TooManyTags => "not-stored-too-many-tags",
        NotStoredReason.RangeBudget => "not-stored-range-budget",
        NotStoredReason.NoMemory => "not-stored-no-memory",
        NotStoredReason.Conditional => "not-stored-conditional",
        NotStoredReason.Incomplete => "not-stored-incomplete",
        NotStoredReason.OriginError => "not-stored-origin-error",
        NotStoredReason.Purged => "not-stored-purged",
        NotStoredReason.Slow => "not-stored-slow",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
