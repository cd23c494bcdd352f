using System.Collections.Frozen;
using System.Security.Cryptography;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Edge.Dns;

/// <summary>What the fleet's nameservers have in common and nobody else knows, ready for use. Immutable.</summary>
/// <param name="Source">What it was made from; null: nothing has come yet.</param>
/// <param name="Cookies">Null: they have not come; clients are given no cookies.</param>
/// <param name="Signers">By the zone's name, without the dot at its end. A signed zone without one, or with one that cannot sign, is answered with SERVFAIL.</param>
internal sealed record FleetSecrets(DnsSecrets? Source, ServerCookies? Cookies, FrozenDictionary<string, ZoneSigner> Signers)
{
    /// <summary>Nothing has come yet.</summary>
    public static readonly FleetSecrets None = new(null, null, FrozenDictionary<string, ZoneSigner>.Empty);

    /// <param name="secrets">As they came, checked (<see cref="Control.SecretsCheck"/>).</param>
    /// <param name="means">Of the process.</param>
    /// <param name="unusable">Is told of a zone whose keys are none, and why.</param>
    public static FleetSecrets Of(DnsSecrets secrets, SigningMeans means, Action<string, string> unusable) => new(
        secrets,
        new ServerCookies(Convert.FromBase64String(secrets.Cookies.Current), [.. secrets.Cookies.Others.Select(other => (ReadOnlyMemory<byte>)Convert.FromBase64String(other))]),
        secrets.Zones.ToFrozenDictionary(zone => zone.Zone, zone => (ZoneSigner)Signer(zone, means, unusable)));

    private static OnlineSigner Signer(ZoneKeys zone, SigningMeans means, Action<string, string> unusable)
    {
        if (!NameText.TryParse(zone.Zone, WireName.Root, out byte[] apex, out string? problem))
        {
            unusable(zone.Zone, $"its name {problem}");
            return new OnlineSigner(WireName.Root, null, means);
        }

        try
        {
            return new OnlineSigner(apex, zone, means);
        }
        catch (CryptographicException e)
        {
            unusable(zone.Zone, e.Message);
            return new OnlineSigner(apex, null, means);
        }
    }
}
