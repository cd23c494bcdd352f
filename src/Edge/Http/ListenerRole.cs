namespace OrleansCdn.Edge.Http;

/// <summary>What a listener is for; set as a connection feature when the connection is accepted.</summary>
public enum ListenerRole
{
    /// <summary>Visitors.</summary>
    Public,

    /// <summary>Other edges of this CDN.</summary>
    Peer,

    /// <summary>Operators and health checks of this server.</summary>
    Admin,
}

/// <summary>Connection feature that carries the listener's role.</summary>
public sealed record ListenerRoleFeature(ListenerRole Role);
