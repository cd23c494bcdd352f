namespace OrleansCdn.Grains;

/// <summary>Wakes all who wait at the moment it is raised. Not thread safe: it belongs to one grain.</summary>
internal sealed class Signal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends at the next <see cref="Raise"/>.</summary>
    public Task Next => _next.Task;

    public void Raise()
    {
        TaskCompletionSource raised = _next;
        _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        raised.TrySetResult();
    }
}
