namespace OrleansCdn.Edge.Tests.Control;

/// <summary>Waits for what other threads bring about, without a guess how long that takes.</summary>
internal static class Eventually
{
    /// <summary>Only a broken run gets this far.</summary>
    public static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    public static async Task IsTrueAsync(Func<bool> condition, Func<string>? state = null)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > GiveUp)
            {
                Assert.Fail($"did not come true within {GiveUp.TotalSeconds} s: {state?.Invoke()}");
            }

            await Task.Delay(Look, TimeProvider.System);
        }
    }
}
