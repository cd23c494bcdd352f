namespace OrleansCdn.Testing;

/// <summary>Waits for what can be seen from outside; the limit only ends a test that has failed anyway.</summary>
public static class Seen
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    /// <param name="what">For who reads the failure.</param>
    /// <param name="condition">True when it is there.</param>
    /// <param name="state">How things stand instead, for who reads the failure.</param>
    public static async Task UntilAsync(string what, Func<bool> condition, Func<string>? state = null)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"not within {Limit.TotalSeconds} s: {what}; {state?.Invoke()}");
            }

            await Task.Delay(LookEvery, TimeProvider.System);
        }
    }
}
