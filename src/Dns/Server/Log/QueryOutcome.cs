namespace OrleansCdn.Dns.Server.Log;

/// <summary>What became of a query's answer.</summary>
public enum QueryOutcome : byte
{
    Answered,

    /// <summary>Over the rate limit: an empty answer with TC went out.</summary>
    Slipped,

    /// <summary>Over the rate limit: nothing went out.</summary>
    RateLimited,

    /// <summary>An error that was kept back in overload.</summary>
    Shed,

    /// <summary>There is no answer to it.</summary>
    Unanswerable,
}
