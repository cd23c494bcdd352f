using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Failover;

[JsonConverter(typeof(JsonStringEnumConverter<FailoverPhase>))]
public enum FailoverPhase
{
    /// <summary>Just started: nothing is proven.</summary>
    Cold,

    /// <summary>The server answers; its cache is being warmed.</summary>
    Warming,

    Announced,

    /// <summary>An operator wants it out: less preferred, until visitors have gone elsewhere.</summary>
    Draining,

    Withdrawn,

    /// <summary>It could be announced, and was so often of late that it has to wait.</summary>
    Held,
}

/// <summary>What the upstreams are told.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnnouncementLevel>))]
public enum AnnouncementLevel
{
    Withdrawn,

    /// <summary>With GRACEFUL_SHUTDOWN (RFC 8326): whoever has another way takes it.</summary>
    Depreferred,

    /// <summary>As the intent of the upstreams says.</summary>
    Normal,
}

/// <summary>An operator's word that stands above what the machine would do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailoverPin>))]
public enum FailoverPin
{
    None,

    /// <summary>Announced whatever the probes say.</summary>
    Announced,

    /// <summary>Withdrawn, as soon as the floor allows it; never rescued.</summary>
    Withdrawn,
}
