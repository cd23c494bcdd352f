namespace Orleans.Embedded;

/// <summary>Stops async-locals from flowing into what is started meanwhile; nests, unlike <see cref="ExecutionContext.SuppressFlow"/> alone.</summary>
internal readonly struct AsyncFlow : IDisposable
{
    private readonly bool _restore;

    private AsyncFlow(bool restore) => _restore = restore;

    public static AsyncFlow Suppress()
    {
        if (ExecutionContext.IsFlowSuppressed())
            return default;
        ExecutionContext.SuppressFlow();
        return new AsyncFlow(restore: true);
    }

    public void Dispose()
    {
        if (_restore)
            ExecutionContext.RestoreFlow();
    }
}
