namespace OrleansCdn.Edge.Cache;

/// <summary>Why a response was not stored; <see cref="None"/> when it was. Shown in <c>Cache-Status</c> as <c>detail</c>.</summary>
public enum NotStoredReason
{
    None,

    /// <summary>Only GET is stored.</summary>
    Method,

    /// <summary>A rule of the site.</summary>
    Bypass,

    /// <summary>The request said <c>no-store</c>.</summary>
    RequestNoStore,

    NoStore,
    Private,

    /// <summary>RFC 9111 §3.5: the request had <c>Authorization</c> and the response does not allow sharing.</summary>
    Authorization,

    SetCookie,

    /// <summary><c>Vary: *</c>.</summary>
    VaryAny,

    /// <summary>RFC 9111 §3: the status is not final, or not one that this cache understands.</summary>
    Status,

    /// <summary>The origin refused the request as it was sent: what one visitor provokes is not what others get.</summary>
    Refused,

    /// <summary>206 and other partial content.</summary>
    Partial,

    /// <summary>No lifetime, no validator, nothing to store it for.</summary>
    NoLifetime,

    TooLarge,

    /// <summary>Tags or groups beyond the limit: storing without them would hide the object from purges.</summary>
    TooManyTags,

    /// <summary>The visitor has made this edge fetch much more than it was sent.</summary>
    RangeBudget,

    /// <summary>Other fills hold all the memory that fills may hold.</summary>
    NoMemory,

    /// <summary>A range or precondition of the visitor went to the origin as it is.</summary>
    Conditional,

    /// <summary>The body ended before its time.</summary>
    Incomplete,

    /// <summary>The origin failed.</summary>
    OriginError,

    /// <summary>Purged, or changed by an unsafe method, while it was on its way.</summary>
    Purged,

    /// <summary>Others' fetches of the same showed no header in time, so this request went on alone: <see cref="FillPatience"/>.</summary>
    Slow,
}

public static class NotStoredReasons
{
    /// <summary>Whether the request is why, so that another request for the same may well be answered from a shared response.</summary>
    public static bool IsOfRequest(this NotStoredReason reason) =>
        reason is NotStoredReason.RequestNoStore or NotStoredReason.Authorization or NotStoredReason.Refused;
}
