namespace OrleansCdn.Edge.Limits;

/// <summary>
/// A token bucket, written as the generic cell rate algorithm (ITU-T I.371): one number says when the bucket will be full again.
/// </summary>
/// <param name="FullAt">Monotonic seconds.</param>
public readonly record struct RateState(double FullAt)
{
    /// <param name="rate">Tokens a second.</param>
    /// <param name="burst">Tokens in a full bucket.</param>
    /// <param name="wait">Seconds until there is a token; 0 when one was taken.</param>
    public RateState Take(double now, int rate, int burst, out double wait)
    {
        double token = 1.0 / rate;
        double fullAt = Math.Max(FullAt, now);
        wait = fullAt + token - (burst * token) - now;

        // Sums of fractions: what is missing less than a thousandth of a token is there.
        if (wait > token / 1000)
        {
            return this;
        }

        wait = 0;
        return new RateState(fullAt + token);
    }

    public bool IsFull(double now) => FullAt <= now;
}
