namespace Orleans.Embedded;

/// <summary>The promise that a caller holds. Its continuations never run inside the callee's turn.</summary>
internal abstract class Answer
{
    /// <summary>In the declared return type of the method.</summary>
    public abstract object Returned { get; }

    public abstract void Succeed(object? result);

    /// <summary>The exception as it was thrown: its type, message and stack reach the caller.</summary>
    public abstract void Fail(Exception error);

    public abstract void Cancel(CancellationToken token);
}

/// <inheritdoc/>
internal class Answer<T> : Answer
{
    protected TaskCompletionSource<T> Promise { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override object Returned => Promise.Task;

    public override void Succeed(object? result) => Promise.TrySetResult((T)result!);

    public override void Fail(Exception error)
    {
        Promise.TrySetException(error);
        // A caller that did not wait must not end as an unobserved exception.
        _ = Promise.Task.Exception;
    }

    public override void Cancel(CancellationToken token) => Promise.TrySetCanceled(token);
}

/// <summary>For a method that returns <see cref="ValueTask{T}"/>.</summary>
internal sealed class ValueAnswer<T> : Answer<T>
{
    public override object Returned => new ValueTask<T>(Promise.Task);
}

/// <summary>For a method that returns <see cref="ValueTask"/>.</summary>
internal sealed class VoidValueAnswer : Answer<object?>
{
    public override object Returned => new ValueTask(Promise.Task);
}
