namespace OrleansCdn.Grains;

/// <summary>Waits inside of grains. Continuations stay on the grain's own scheduler.</summary>
internal static class Waiting
{
    /// <summary>True when <paramref name="task"/> ended within <paramref name="wait"/>; false at the end of the wait.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public static async Task<bool> ForAsync(Task task, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        if (task.IsCompleted)
        {
            return true;
        }

        if (wait <= TimeSpan.Zero)
        {
            return false;
        }

        // Timers count whole milliseconds: rounded down, the last fraction would be waited for in a spin.
        wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task delay = Task.Delay(wait, time, over.Token);
        Task first = await Task.WhenAny(task, delay);
        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return first == task || task.IsCompleted;
    }
}
