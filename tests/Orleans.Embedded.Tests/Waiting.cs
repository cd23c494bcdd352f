namespace Orleans.Embedded.Tests;

/// <summary>Makes a test that would wait for ever fail.</summary>
internal static class Waiting
{
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(60);

    public static async Task WithinAsync(this Task task)
    {
        if (await Task.WhenAny(task, Task.Delay(StuckAfter, TimeProvider.System)) != task)
            Assert.Fail($"nothing happened within {StuckAfter}");
        await task;
    }

    public static async Task<T> WithinAsync<T>(this Task<T> task)
    {
        await ((Task)task).WithinAsync();
        return await task;
    }
}
