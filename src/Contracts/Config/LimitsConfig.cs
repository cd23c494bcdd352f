namespace OrleansCdn.Contracts.Config;

/// <summary>What visitors of one site may ask of one edge; null members are not limited by the site.</summary>
/// <remarks>A client is an IPv4 address or an IPv6 network of 64 bits.</remarks>
public sealed record LimitsConfig
{
    /// <summary>Bytes of a request's body.</summary>
    public long? MaxBodyBytes { get; init; }

    /// <summary>Bytes of path and query.</summary>
    public long? MaxUrlBytes { get; init; }

    /// <summary>Bytes of all header fields.</summary>
    public long? MaxHeaderBytes { get; init; }

    /// <summary>Requests a second of one client, in the long run.</summary>
    public int? ClientRate { get; init; }

    /// <summary>Requests that one client may send at once after a pause; null: one second's worth.</summary>
    public int? ClientBurst { get; init; }

    /// <summary>Requests of one client under way at one time.</summary>
    public int? ClientConcurrency { get; init; }

    /// <summary>Requests of the site under way at one time.</summary>
    public int? Concurrency { get; init; }
}
