namespace OrleansCdn.Dns.Server.Limiting;

/// <summary>What a socket's thread leaves out, since more comes than it can answer.</summary>
public enum LoadLevel
{
    /// <summary>Everything is answered.</summary>
    Normal,

    /// <summary>The receive queue stays half full: networks that send more than their share are not answered.</summary>
    Busy,

    /// <summary>The queue overflows: errors are not sent either.</summary>
    Overloaded,
}
