using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Runs reads on threads of their own: a disk that stands still holds these, and no thread that answers hits.</summary>
internal sealed class DiskReadThreads : IDisposable
{
    private readonly BlockingCollection<Action> _reads = new(DiskLimits.MaxWaitingReads);
    private readonly Thread[] _threads;

    public DiskReadThreads()
    {
        _threads = new Thread[DiskLimits.ReadThreads];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"disk-read-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Null when too many wait, or at the end of the process.</summary>
    public Task<T>? TryRun<T>(Func<T> read)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            return _reads.TryAdd(() => Complete(read, done)) ? done.Task : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _reads.CompleteAdding();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _reads.Dispose();
    }

    private static void Complete<T>(Func<T> read, TaskCompletionSource<T> done)
    {
        try
        {
            done.TrySetResult(read());
        }
        catch (Exception error)
        {
            done.TrySetException(error);
        }
    }

    private void Run()
    {
        foreach (Action read in _reads.GetConsumingEnumerable())
        {
            read();
        }
    }
}
