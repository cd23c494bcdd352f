namespace Orleans.Embedded;

/// <summary>One queued write or clear.</summary>
internal sealed class StateWrite
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StateWrite(StateKey key, string? expectedEtag, string? newEtag, byte[]? payload)
    {
        Key = key;
        ExpectedEtag = expectedEtag;
        NewEtag = newEtag;
        Payload = payload;
    }

    public StateKey Key { get; }

    public string? ExpectedEtag { get; }

    /// <summary>Null: a clear. Never the same twice, so that a record made anew is not taken for the one before.</summary>
    public string? NewEtag { get; }

    public byte[]? Payload { get; }

    /// <summary>A transaction with this write in it has failed: it may have been stored all the same.</summary>
    public bool IsRetry { get; set; }

    public Task Committed => _committed.Task;

    public static StateWrite Put(StateKey key, string? expectedEtag, byte[] payload) => new(key, expectedEtag, Guid.NewGuid().ToString("N"), payload);

    public static StateWrite Clear(StateKey key, string? expectedEtag) => new(key, expectedEtag, null, null);

    /// <param name="error">Null: it is on disk.</param>
    public void Finish(Exception? error)
    {
        if (error is null)
            _committed.TrySetResult();
        else
            _committed.TrySetException(error);
    }
}
