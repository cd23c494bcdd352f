using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Orleans.Embedded;

/// <summary>
/// The one thread that writes. While it waits for the disk, further writes queue; the next transaction takes them
/// together, so that the cost of the disk is shared (group commit). A write is answered after its commit.
/// </summary>
internal sealed class StateWriter : IDisposable
{
    /// <summary>Writes that wait, of all grains; beyond it writers wait to enter. Four full transactions.</summary>
    private const int MaxQueuedWrites = 4 * MaxWritesPerCommit;

    /// <summary>Most writes in a transaction: enough that the disk's flush is a small part of the cost of each.</summary>
    private const int MaxWritesPerCommit = 512;

    private readonly Channel<StateWrite> _queue = Channel.CreateBounded<StateWrite>(
        new BoundedChannelOptions(MaxQueuedWrites) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly string _path;
    private readonly StateTable _table;
    private readonly SiloLog _log;
    private readonly Thread _thread;

    public StateWriter(string path, SqliteConnection connection, SiloLog log)
    {
        _path = path;
        _table = new StateTable(connection);
        _log = log;
        _thread = new Thread(Run) { IsBackground = true, Name = "grain state writer" };
        _thread.Start();
    }

    public ValueTask QueueAsync(StateWrite write, CancellationToken cancellationToken) => _queue.Writer.WriteAsync(write, cancellationToken);

    /// <summary>Writes what is queued, then closes the file.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
        _table.Dispose();
    }

    private void Run()
    {
        List<StateWrite> batch = new(MaxWritesPerCommit);
        while (WaitForWrites())
        {
            while (batch.Count < MaxWritesPerCommit && _queue.Reader.TryRead(out StateWrite? write))
                batch.Add(write);
            WriteBatch(batch);
            batch.Clear();
        }
    }

    private bool WaitForWrites()
    {
        ValueTask<bool> more = _queue.Reader.WaitToReadAsync();
        return more.IsCompletedSuccessfully ? more.Result : more.AsTask().GetAwaiter().GetResult();
    }

    private void WriteBatch(List<StateWrite> batch)
    {
        if (TryWriteTogether(batch) is not { } failure)
            return;
        if (batch.Count > 1)
            _log.BatchFailed(batch.Count, failure);
        foreach (StateWrite write in batch)
        {
            write.IsRetry = true;
            Exception? error = batch.Count == 1 ? failure : TryWriteTogether([write]);
            if (error is not null)
                write.Finish(Explain(write, error));
        }
    }

    /// <returns>Null: every write has its answer. Else why the transaction failed; then no write has one.</returns>
    private Exception? TryWriteTogether(List<StateWrite> batch)
    {
        try
        {
            _table.Begin();
            Exception?[] outcomes = [.. batch.Select(ApplyInTransaction)];
            _table.Commit();
            for (int i = 0; i < batch.Count; i++)
                batch[i].Finish(outcomes[i]);
            return null;
        }
        catch (Exception e)
        {
            return RollBack(e);
        }
    }

    /// <summary>An error of one statement is that write's own as long as the transaction stands.</summary>
    private Exception? ApplyInTransaction(StateWrite write)
    {
        try
        {
            return _table.Apply(write);
        }
        catch (SqliteException e) when (_table.InTransaction)
        {
            return Explain(write, e);
        }
    }

    private Exception RollBack(Exception cause)
    {
        try
        {
            _table.RollBackIfOpen();
            return cause;
        }
        catch (SqliteException e)
        {
            return new AggregateException(cause, e);
        }
    }

    private Exception Explain(StateWrite write, Exception error) =>
        error is SqliteException sqlite ? StateFile.Explain(sqlite, _path, $"written for the {write.Key}") : error;
}
