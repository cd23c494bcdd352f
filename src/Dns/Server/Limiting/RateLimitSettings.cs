namespace OrleansCdn.Dns.Server.Limiting;

/// <summary>How many alike answers one network gets over UDP.</summary>
public sealed record RateLimitSettings
{
    /// <summary>Of one name and kind to one /24 or /56, a second, in the long run.</summary>
    public required int ResponsesPerSecond { get; init; }

    /// <summary>Seconds of the rate that may come at once after a pause. BIND's <c>window</c> is 15; what is asked for again within it is asked by attackers.</summary>
    public int Window { get; init; } = 5;

    /// <summary>Of those over the limit, each so-manieth is answered with TC: a client that was only spoofed comes back over TCP. 0: none, 1: all.</summary>
    public int Slip { get; init; } = 2;

    /// <summary>What <see cref="Window"/> may be: BIND's limit.</summary>
    public const int MaxWindow = 3600;

    /// <summary>What <see cref="Slip"/> may be: four bits; BIND's limit is 10.</summary>
    public const int MaxSlip = 15;

    /// <summary>What <see cref="ResponsesPerSecond"/> may be: a hundred microseconds apart, ten of the units that are counted.</summary>
    public const int MaxResponsesPerSecond = 10_000;
}
