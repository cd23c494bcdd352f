using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Origin;

/// <summary>An informational response (RFC 9110 §15.2) on its way to the visitors: 102, 103 and those yet to be named.</summary>
public sealed record InterimResponse(int Status, KeyValuePair<string, StringValues>[] Fields);

/// <summary>
/// Hands the interim responses of one upstream request to all visitors that wait for its final response, also to those that
/// come later. What is handed on is never stored.
/// </summary>
public sealed class InterimResponses
{
    /// <summary>An origin that sends more is heard to the end, but not passed on.</summary>
    private const int MaxRelayed = 16;

    private readonly Lock _lock = new();
    private readonly List<InterimResponse> _seen = [];
    private readonly List<IInterimReader> _readers = [];

    /// <summary>Called on the way of the upstream's bytes, before any byte of the final response is looked at.</summary>
    public void Publish(InterimResponse response)
    {
        lock (_lock)
        {
            if (_seen.Count == MaxRelayed)
            {
                return;
            }

            _seen.Add(response);
            foreach (IInterimReader reader in _readers)
            {
                reader.Write(response);
            }
        }
    }

    /// <summary>The reader gets what was there before, and what comes until <see cref="Remove"/>.</summary>
    public void Add(IInterimReader reader)
    {
        lock (_lock)
        {
            foreach (InterimResponse response in _seen)
            {
                reader.Write(response);
            }

            _readers.Add(reader);
        }
    }

    /// <summary>When this has returned, nothing more is written to the reader.</summary>
    public void Remove(IInterimReader reader)
    {
        lock (_lock)
        {
            _readers.Remove(reader);
        }
    }
}

/// <summary>Takes interim responses; called one at a time.</summary>
public interface IInterimReader
{
    void Write(InterimResponse response);
}
