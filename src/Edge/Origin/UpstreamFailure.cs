using System.Diagnostics;

namespace OrleansCdn.Edge.Origin;

/// <summary>Why there is no answer from an origin or another edge; shown in <c>Cache-Status</c> as <c>detail</c>.</summary>
public enum UpstreamFailure
{
    None,

    /// <summary>The name has no address.</summary>
    NameNotResolved,

    /// <summary>All its addresses are of ranges that the site does not allow (RFC 6890).</summary>
    AddressNotAllowed,

    ConnectFailed,
    ConnectTimeout,
    TlsFailed,
    FirstByteTimeout,

    /// <summary>It answered something that is not HTTP, or a header that must not be passed on.</summary>
    InvalidResponse,

    /// <summary>The connection broke.</summary>
    Aborted,

    /// <summary>It answers, with a 5xx.</summary>
    ErrorStatus,

    /// <summary>Another edge does not have it, or is behind on purges.</summary>
    PeerHasNone,
}

public static class UpstreamFailureText
{
    public static string Token(this UpstreamFailure failure) => failure switch
    {
        UpstreamFailure.None => "none",
        UpstreamFailure.NameNotResolved => "origin-name-not-resolved",
        UpstreamFailure.AddressNotAllowed => "origin-address-not-allowed",
        UpstreamFailure.ConnectFailed => "origin-connect-failed",
        UpstreamFailure.ConnectTimeout => "origin-connect-timeout",
        UpstreamFailure.TlsFailed => "origin-tls-failed",
        UpstreamFailure.FirstByteTimeout => "origin-first-byte-timeout",
        UpstreamFailure.InvalidResponse => "origin-invalid-response",
        UpstreamFailure.Aborted => "origin-aborted",
        UpstreamFailure.ErrorStatus => "origin-error-status",
        UpstreamFailure.PeerHasNone => "peer-has-none",
        _ => throw new UnreachableException(),
    };

    /// <summary>504 where the origin was too slow, else 502 (RFC 9110 §15.6).</summary>
    public static int StatusCode(this UpstreamFailure failure) =>
        failure is UpstreamFailure.ConnectTimeout or UpstreamFailure.FirstByteTimeout ? 504 : 502;
}
