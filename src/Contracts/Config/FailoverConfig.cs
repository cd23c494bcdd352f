using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Config;

/// <summary>What an edge does when an origin of a site does not answer, or answers 502, 503 or 504.</summary>
public sealed record FailoverConfig
{
    public static readonly FailoverConfig Default = new()
    {
        Attempts = ConfigDefaults.FailoverAttempts,
        TotalTimeout = ConfigDefaults.FailoverTotalTimeout,
        TripAfter = ConfigDefaults.TripAfter,
        BackOff = ConfigDefaults.BackOff,
        MaxBackOff = ConfigDefaults.MaxBackOff,
    };

    /// <summary>Origins that are asked for one request, the first included.</summary>
    public required int Attempts { get; init; }

    /// <summary>No further origin is asked after it, and what was asked second or later ends with it.</summary>
    public required TimeSpan TotalTimeout { get; init; }

    /// <summary>Failures in a row after which an origin is passed over.</summary>
    public required int TripAfter { get; init; }

    /// <summary>How long it is passed over at first; doubled by each trial that fails.</summary>
    public required TimeSpan BackOff { get; init; }

    public required TimeSpan MaxBackOff { get; init; }
}

/// <summary>Requests that an edge sends on its own to see whether an origin works.</summary>
public sealed record HealthCheckConfig
{
    public required string Path { get; init; }

    /// <summary>Between the end of one check and the next.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>From connecting to the response's header.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Statuses of an origin that works; empty: 200 to 399.</summary>
    public required ImmutableArray<StatusRange> Expect { get; init; }

    /// <summary>Null: the origin's host header, else the site's first host.</summary>
    public string? Host { get; init; }

    /// <summary>Good checks in a row that bring an origin back.</summary>
    public required int HealthyAfter { get; init; }

    /// <summary>Failed checks in a row that take it out.</summary>
    public required int UnhealthyAfter { get; init; }

    public bool Expects(int status)
    {
        if (Expect.IsEmpty)
        {
            return status is >= 200 and <= 399;
        }

        foreach (StatusRange range in Expect)
        {
            if (status >= range.First && status <= range.Last)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>HTTP statuses from <see cref="First"/> to <see cref="Last"/>, both included.</summary>
public sealed record StatusRange
{
    public required int First { get; init; }

    public required int Last { get; init; }
}
