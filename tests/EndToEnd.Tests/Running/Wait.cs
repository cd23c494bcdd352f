namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Waits for what is seen from outside; the limit only ends a test that has failed anyway.</summary>
internal static class Wait
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    public static Task UntilAsync(string what, Func<bool> condition) => UntilAsync(what, () => Task.FromResult(condition()));

    public static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"not within {Limit.TotalSeconds} s: {what}");
            }

            await Task.Delay(LookEvery, TimeProvider.System);
        }
    }

    public static Task PauseAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);
}
