using System.Collections.Frozen;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Dns.Visits;

/// <summary>Host names whose addresses carry random ids; immutable, of one config.</summary>
internal sealed class VisitHosts
{
    public static readonly VisitHosts None = new([], []);

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _exact;

    /// <summary>With the dot at their beginning.</summary>
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _wildcard;

    private VisitHosts(IReadOnlyCollection<string> exact, IReadOnlyCollection<string> wildcard)
    {
        IsEmpty = exact.Count + wildcard.Count == 0;
        _exact = exact.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcard = wildcard.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public bool IsEmpty { get; }

    public static VisitHosts Of(CdnConfig config)
    {
        if (config.Dns is not { } dns)
        {
            return None;
        }

        List<string> exact = [];
        List<string> wildcard = [];
        foreach (DnsZoneConfig zone in dns.Zones)
        {
            foreach (SteeredNameConfig name in zone.Steered.Where(name => name.RandomId))
            {
                string host = name.Name == "@" ? zone.Name : $"{name.Name}.{zone.Name}";
                if (host.StartsWith("*.", StringComparison.Ordinal))
                {
                    wildcard.Add(host[1..]);
                }
                else
                {
                    exact.Add(host);
                }
            }
        }

        return exact.Count + wildcard.Count == 0 ? None : new VisitHosts(exact, wildcard);
    }

    /// <param name="host">Without port.</param>
    public bool Contains(ReadOnlySpan<char> host)
    {
        if (_exact.Contains(host))
        {
            return true;
        }

        // A wildcard of DNS stands for any number of labels (RFC 4592 §2.1.1).
        for (int dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
        {
            if (_wildcard.Contains(host[dot..]))
            {
                return true;
            }

            host = host[(dot + 1)..];
        }

        return false;
    }
}
