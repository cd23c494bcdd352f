namespace OrleansCdn.Edge;

/// <summary>Freshness and ages are counted on the monotonic clock: a step of the wall clock changes nothing.</summary>
internal static class Monotonic
{
    /// <summary>Seconds since an arbitrary start.</summary>
    public static double MonotonicSeconds(this TimeProvider time) => time.GetTimestamp() / (double)time.TimestampFrequency;
}
