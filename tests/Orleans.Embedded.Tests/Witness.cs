using System.Collections.Concurrent;

namespace Orleans.Embedded.Tests;

/// <summary>What grains of a test tell the test, and what they wait for.</summary>
public sealed class Witness
{
    private readonly ConcurrentQueue<string> _events = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    public IReadOnlyCollection<string> Events => _events;

    public void Note(string what) => _events.Enqueue(what);

    public int Count(string what) => _events.Count(e => e == what);

    /// <summary>A named gate that both sides may reach first.</summary>
    public Task Gate(string name) => GateSource(name).Task;

    public void Open(string name) => GateSource(name).TrySetResult();

    private TaskCompletionSource GateSource(string name) =>
        _gates.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
