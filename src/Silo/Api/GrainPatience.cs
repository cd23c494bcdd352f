using Orleans.Runtime;

namespace OrleansCdn.Silo.Api;

/// <summary>Questions to grains for a page that is shown without the answers of those who are out of reach.</summary>
internal static class GrainPatience
{
    /// <summary>A grain on another continent answers within a second; who has not by then is shown as not known.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>Null: nobody answers in time.</summary>
    public static async Task<T?> OrNullAsync<T>(this Task<T> asking, TimeProvider time, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await asking.WaitAsync(Longest, time, cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            return null;
        }
    }
}
