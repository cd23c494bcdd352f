using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api;

/// <summary>A wait that is longer than a call to a grain may be.</summary>
internal static class LongWait
{
    /// <param name="wait">Zero: asked once.</param>
    /// <param name="time">Of the wait.</param>
    /// <param name="ask">Asks the grain, which answers early at its own limit (<see cref="GrainLimits.MaxWait"/>).</param>
    /// <param name="mayChange">Whether somebody whom the answer lacks may still come.</param>
    public static async Task<T> AskAsync<T>(TimeSpan wait, TimeProvider time, Func<TimeSpan, Task<T>> ask, Func<T, bool> mayChange)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            TimeSpan left = wait - time.GetElapsedTime(started);
            T answer = await ask(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            if (left <= GrainLimits.MaxWait || !mayChange(answer))
            {
                return answer;
            }
        }
    }
}
