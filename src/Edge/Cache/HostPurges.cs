using System.Collections.Concurrent;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Purges of one site by host and by prefix. One writer at a time; readers take no lock.
/// </summary>
internal sealed class HostPurges
{
    private readonly ConcurrentDictionary<string, PurgeSequences> _hosts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PrefixPurges> _prefixes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PurgeSequences>.AlternateLookup<ReadOnlySpan<char>> _hostBySpan;
    private readonly ConcurrentDictionary<string, PrefixPurges>.AlternateLookup<ReadOnlySpan<char>> _prefixBySpan;

    public HostPurges()
    {
        _hostBySpan = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixBySpan = _prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _hosts.Count + _prefixes.Values.Sum(p => p.Count);

    /// <summary>Every port of a host, both schemes.</summary>
    public void ApplyHost(string host, bool soft, long applied, long log) =>
        _hosts[host] = _hosts.GetValueOrDefault(host).With(soft, applied, log);

    /// <summary>A prefix that finds no room purges its whole host: more than was asked for, never less.</summary>
    /// <param name="value">Authority and path, as in <see cref="PurgeKind.Prefix"/>.</param>
    public void ApplyPrefix(string value, bool soft, long applied, long log)
    {
        (string authority, string target) = Split(value);
        if (!_prefixes.GetOrAdd(authority, static _ => new PrefixPurges()).TryApply(target, soft, applied, log))
        {
            ApplyHost(HostOf(authority).ToString(), soft, applied, log);
        }
    }

    /// <summary>True when a hard purge covers the URL; a soft one is noted.</summary>
    public bool Covers(ReadOnlySpan<char> url, long stamp, ref bool soft)
    {
        ReadOnlySpan<char> rest = WithoutScheme(url);
        int slash = rest.IndexOf('/');
        ReadOnlySpan<char> authority = slash < 0 ? rest : rest[..slash];
        if (_hostBySpan.TryGetValue(HostOf(authority), out PurgeSequences sequences) && sequences.Covers(stamp, ref soft))
        {
            return true;
        }

        return slash >= 0 && _prefixBySpan.TryGetValue(authority, out PrefixPurges? prefixes) && prefixes.Covers(rest[slash..], stamp, ref soft);
    }

    /// <summary>Everything recorded here that a URL falls under.</summary>
    public IEnumerable<(PurgeKind Kind, string Value, PurgeSequences Sequences)> Of(string url)
    {
        (string authority, string target) = Split(WithoutScheme(url).ToString());
        string host = HostOf(authority).ToString();
        if (_hosts.TryGetValue(host, out PurgeSequences sequences))
        {
            yield return (PurgeKind.Host, host, sequences);
        }

        if (_prefixes.TryGetValue(authority, out PrefixPurges? prefixes))
        {
            foreach ((string prefix, PurgeSequences of) in prefixes.Of(target))
            {
                yield return (PurgeKind.Prefix, authority + prefix, of);
            }
        }
    }

    public void Forget(long stamp)
    {
        foreach (KeyValuePair<string, PurgeSequences> host in _hosts)
        {
            if (host.Value.IsUpTo(stamp))
            {
                _hosts.TryRemove(host);
            }
        }

        foreach (KeyValuePair<string, PrefixPurges> prefixes in _prefixes)
        {
            prefixes.Value.Forget(stamp);
            if (prefixes.Value.Count == 0)
            {
                _prefixes.TryRemove(prefixes);
            }
        }
    }

    private static ReadOnlySpan<char> WithoutScheme(ReadOnlySpan<char> url)
    {
        int mark = url.IndexOf("://");
        return mark < 0 ? url : url[(mark + 3)..];
    }

    private static (string Authority, string Target) Split(string value)
    {
        int slash = value.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (value, "/") : (value[..slash], value[slash..]);
    }

    internal static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> authority)
    {
        int colon = authority.LastIndexOf(':');
        return colon < 0 || authority[^1] == ']' ? authority : authority[..colon];
    }
}
