using System.Collections.Frozen;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Edns;

namespace OrleansCdn.Edge.Dns;

/// <summary>What the fleet's nameservers have in common and nobody else knows. Immutable.</summary>
/// <param name="Cookies">Null: they have not come; clients are given no cookies.</param>
/// <param name="Signers">By the zone's name, without the dot at its end. A signed zone without one is not answered for.</param>
internal sealed record FleetSecrets(ServerCookies? Cookies, FrozenDictionary<string, ZoneSigner> Signers)
{
    /// <summary>Nothing has come yet.</summary>
    public static readonly FleetSecrets None = new(null, FrozenDictionary<string, ZoneSigner>.Empty);
}
