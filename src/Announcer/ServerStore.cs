using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansCdn.Node.Disk;

namespace OrleansCdn.Announcer;

/// <summary>A stored form says whose it is: a disk that was moved to another server must not speak for it.</summary>
internal interface IOfServer
{
    string Pop { get; }

    string Edge { get; }
}

/// <summary>One state of this server in one file, framed, replaced as a whole, and checked like anything from outside when it is read.</summary>
/// <typeparam name="TStored">Payload of the file; see <see cref="RecordFrame"/> for what is around it.</typeparam>
/// <typeparam name="T">What is kept.</typeparam>
/// <param name="directory">Of this announcer.</param>
/// <param name="file">What is special of the file.</param>
/// <param name="pop">This server's.</param>
/// <param name="edge">Its name.</param>
/// <remarks>Not for use by several threads at once.</remarks>
internal abstract class ServerStore<TStored, T>(StateDirectory directory, StoreFile<TStored> file, string pop, string edge)
    where TStored : class, IOfServer
    where T : class
{
    /// <summary>What was saved last; null: nothing that could be used. Never throws for what the file holds.</summary>
    public T? Load()
    {
        if (!directory.TryRead(file.Name, file.MaxBytes + RecordFrame.Overhead, out byte[] bytes))
        {
            return null;
        }

        (T? state, string? fault) = Parse(bytes);
        if (fault is not null)
        {
            directory.SetAside(file.Name, fault);
        }

        return state;
    }

    /// <summary>When this returns it is on disk.</summary>
    /// <exception cref="IOException">The disk refused; what was saved before is untouched.</exception>
    public void Save(T state) =>
        directory.Replace(file.Name, RecordFrame.Write(file.Kind, 0, JsonSerializer.SerializeToUtf8Bytes(Store(pop, edge, state), file.Type)));

    internal (T? State, string? Fault) Parse(ReadOnlySpan<byte> bytes)
    {
        FrameFault fault = RecordFrame.Read(bytes, file.Kind, out _, out ReadOnlySpan<byte> payload);
        return fault == FrameFault.None ? ParsePayload(payload) : (null, fault.ToString());
    }

    internal (T? State, string? Fault) ParsePayload(ReadOnlySpan<byte> payload)
    {
        TStored? stored;
        try
        {
            stored = JsonSerializer.Deserialize(payload, file.Type);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return (null, $"its text does not fit this version of the program: {e.Message}");
        }

        if (stored is null || stored.Pop != pop || stored.Edge != edge)
        {
            return (null, $"it belongs to server {stored?.Pop}/{stored?.Edge}, and this is {pop}/{edge}");
        }

        T state = StateOf(stored);
        return ProblemOf(state) is { } problem ? (null, problem) : (state, null);
    }

    protected abstract TStored Store(string pop, string edge, T state);

    protected abstract T StateOf(TStored stored);

    /// <returns>What is wrong with it; null: nothing.</returns>
    protected abstract string? ProblemOf(T state);
}

/// <param name="Name">In the directory.</param>
/// <param name="Kind">Of the frame.</param>
/// <param name="MaxBytes">Of the payload.</param>
/// <param name="Type">Its JSON.</param>
internal sealed record StoreFile<TStored>(string Name, ushort Kind, int MaxBytes, JsonTypeInfo<TStored> Type);
