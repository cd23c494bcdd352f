using System.Collections.Immutable;

namespace OrleansCdn.Edge.Cache.Coverage;

/// <summary>Which of some URLs were found, and some that were found beside them.</summary>
internal sealed class CandidateTally
{
    private readonly Dictionary<string, int> _places;
    private readonly byte[] _found;
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private int _chars;

    public CandidateTally(ImmutableArray<string> candidates)
    {
        _found = new byte[(candidates.Length + 7) / 8];
        _places = new Dictionary<string, int>(candidates.Length, StringComparer.Ordinal);
        foreach ((int i, string url) in candidates.Index())
        {
            _places.TryAdd(url ?? "", i);
        }
    }

    /// <summary>A bit for each candidate, the lowest of the first byte first.</summary>
    public byte[] Found => _found;

    public ImmutableArray<string> Named => [.. _named];

    /// <param name="isNamed">It is to be told also when it is no candidate, as far as there is room.</param>
    public void Add(string url, bool isNamed)
    {
        if (_places.TryGetValue(url, out int place))
        {
            _found[place / 8] |= (byte)(1 << (place % 8));
        }
        else if (isNamed && _chars + url.Length <= Contracts.Api.Coverage.MaxNamedChars && _named.Add(url))
        {
            _chars += url.Length;
        }
    }
}
