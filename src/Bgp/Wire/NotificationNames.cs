namespace OrleansCdn.Bgp.Wire;

/// <summary>Names of IANA's registry "BGP Error (Notification) Codes" and its subcodes.</summary>
public static class NotificationNames
{
    private static readonly string[] Header = ["Unspecific", "Connection Not Synchronized", "Bad Message Length", "Bad Message Type"];

    private static readonly string[] Open =
    [
        "Unspecific", "Unsupported Version Number", "Bad Peer AS", "Bad BGP Identifier", "Unsupported Optional Parameter", "Authentication Failure",
        "Unacceptable Hold Time", "Unsupported Capability", "Deprecated", "Deprecated", "Deprecated", "Role Mismatch",
    ];

    private static readonly string[] Update =
    [
        "Unspecific", "Malformed Attribute List", "Unrecognized Well-known Attribute", "Missing Well-known Attribute", "Attribute Flags Error",
        "Attribute Length Error", "Invalid ORIGIN Attribute", "AS Routing Loop", "Invalid NEXT_HOP Attribute", "Optional Attribute Error",
        "Invalid Network Field", "Malformed AS_PATH",
    ];

    // RFC 6608.
    private static readonly string[] Machine =
    [
        "Unspecified Error", "Receive Unexpected Message in OpenSent State", "Receive Unexpected Message in OpenConfirm State",
        "Receive Unexpected Message in Established State",
    ];

    private static readonly string[] Cease =
    [
        "Unspecific", "Maximum Number of Prefixes Reached", "Administrative Shutdown", "Peer De-configured", "Administrative Reset",
        "Connection Rejected", "Other Configuration Change", "Connection Collision Resolution", "Out of Resources", "Hard Reset", "BFD Down",
    ];

    private static readonly string[] Refresh = ["Reserved", "Invalid Message Length"];

    /// <returns><c>Cease/Administrative Shutdown (6/2)</c>; what is in no registry with its numbers alone.</returns>
    public static string Of(NotificationCode code, byte subcode)
    {
        (string name, string[] subcodes) = code switch
        {
            NotificationCode.MessageHeader => ("Message Header Error", Header),
            NotificationCode.OpenMessage => ("OPEN Message Error", Open),
            NotificationCode.UpdateMessage => ("UPDATE Message Error", Update),
            NotificationCode.HoldTimerExpired => ("Hold Timer Expired", []),
            NotificationCode.FiniteStateMachine => ("Finite State Machine Error", Machine),
            NotificationCode.Cease => ("Cease", Cease),
            NotificationCode.RouteRefreshMessage => ("ROUTE-REFRESH Message Error", Refresh),
            NotificationCode.SendHoldTimerExpired => ("Send Hold Timer Expired", []),
            _ => ("Unknown Error", Array.Empty<string>()),
        };
        bool named = subcode < subcodes.Length && (subcode > 0 || code == NotificationCode.FiniteStateMachine);
        return $"{name}{(named ? "/" + subcodes[subcode] : "")} ({(byte)code}/{subcode})";
    }
}
