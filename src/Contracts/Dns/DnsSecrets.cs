using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Dns;

/// <summary>
/// All that the nameservers of the fleet keep to themselves: keys of signed zones and secrets of cookies. Sent whole, only to edges that serve DNS. Replaces what the
/// edge has when <see cref="Revision"/> is higher.
/// </summary>
public sealed record DnsSecrets : SiloMessage
{
    /// <summary>Zones of a config (<see cref="Config.ConfigLimits.Zones"/>), and as many again that are on their way out.</summary>
    public const int MaxZones = 2 * Config.ConfigLimits.Zones;

    /// <summary>Random id of the history that revisions count in; another one means another cluster state.</summary>
    public required string Epoch { get; init; }

    public required long Revision { get; init; }

    public required ImmutableArray<ZoneKeys> Zones { get; init; }

    public required CookieKeys Cookies { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public DnsHeld Held => new(Epoch, Revision);

    public bool Replaces(DnsHeld held) => held.Epoch != Epoch || Revision > held.Revision;

    /// <summary>Without the secrets: records end up in logs.</summary>
    public override string ToString() => $"DNS secrets {Epoch}:{Revision} of {Zones.Length} zones";
}

/// <summary>Which secrets an edge has on its disk; an empty epoch: none.</summary>
public sealed record DnsHeld(string Epoch, long Revision)
{
    public static readonly DnsHeld Nothing = new("", 0);
}

/// <summary>Secrets of DNS cookies (RFC 9018 §4.2): 16 bytes each, in base64.</summary>
/// <param name="Current">New cookies are made with it.</param>
/// <param name="Others">Cookies made with these are taken too: the one before, and the next one, which other edges may make cookies with already.</param>
public sealed record CookieKeys(string Current, ImmutableArray<string> Others)
{
    /// <summary>SipHash-2-4 has keys of 128 bits.</summary>
    public const int SecretBytes = 16;

    /// <summary>Without the secrets: records end up in logs.</summary>
    public override string ToString() => $"cookie secrets ({1 + Others.Length})";
}
