namespace OrleansCdn.Interop.Tests.Network;

/// <summary>Waits for what a process says when it is asked.</summary>
internal static class Poll
{
    /// <summary>Often enough for a second to be measured, seldom enough for two processors.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(25);

    /// <param name="what">For who reads the failure.</param>
    /// <param name="limit">Only ends a test that has failed.</param>
    /// <param name="condition">Asked until it is so.</param>
    /// <param name="state">How things stand instead, for who reads the failure.</param>
    /// <returns>How long it took: to the end of the question that was answered with yes.</returns>
    public static async Task<TimeSpan> UntilAsync(string what, TimeSpan limit, Func<Task<bool>> condition, Func<Task<string>> state)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"not within {limit.TotalSeconds} s: {what}\n{await state()}");
            }

            await Task.Delay(Every, TimeProvider.System);
        }

        return TimeProvider.System.GetElapsedTime(start);
    }
}
