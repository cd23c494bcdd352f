using System.Collections.Immutable;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Edge.Control;

/// <summary>What of the secrets that a silo sends is used. Pure.</summary>
internal static class SecretsCheck
{
    /// <summary>A change of two keys at once has four; more are a mistake.</summary>
    private const int MaxKeysOfZone = 16;

    private const int MaxZoneNameLength = 253;

    /// <returns>What is wrong with their form; null: nothing.</returns>
    public static string? Malformed(DnsSecrets secrets)
    {
        if (secrets.Zones.IsDefault || secrets.Zones.Length > DnsSecrets.MaxZones)
        {
            return $"keys of more than {DnsSecrets.MaxZones} zones, or of none";
        }

        foreach (ZoneKeys zone in secrets.Zones)
        {
            if (zone is null || zone.Zone.Length is 0 or > MaxZoneNameLength || zone.Keys.IsDefaultOrEmpty || zone.Keys.Length > MaxKeysOfZone
                || !Enum.IsDefined(zone.Cds) || zone.Keys.Any(key => key is null))
            {
                return $"a zone has a name, and 1 to {MaxKeysOfZone} keys";
            }

            if (zone.Keys.Any(key => !IsBytes(key.PublicKey, Dnskey.PublicKeyBytes) || !IsBytes(key.PrivateKey, Dnskey.PrivateKeyBytes)))
            {
                return $"a key of zone '{OneLine.Printable(zone.Zone)}' is none of P-256";
            }
        }

        if (secrets.Zones.Select(zone => zone.Zone).Distinct(StringComparer.Ordinal).Count() < secrets.Zones.Length)
        {
            return "a zone twice";
        }

        return secrets.Cookies is null || secrets.Cookies.Others.IsDefault || secrets.Cookies.Others.Length > 2
            || !secrets.Cookies.Others.Prepend(secrets.Cookies.Current).All(secret => IsBytes(secret, CookieKeys.SecretBytes))
            ? "secrets of cookies are one to three times 16 bytes"
            : null;
    }

    /// <summary>
    /// A cluster state that has lost its keys and made new ones would make every zone of before bogus, whose DS records at the parent are those of the keys
    /// here. So keys of another history have to share one with those that are here, of every zone that both have.
    /// </summary>
    /// <returns>Zones with nothing in common; empty: the secrets can be used.</returns>
    public static ImmutableArray<string> Foreign(DnsSecrets? held, DnsSecrets sent) =>
        held is null || held.Epoch == sent.Epoch
            ? []
            : [.. held.Zones.Join(sent.Zones, zone => zone.Zone, zone => zone.Zone, (here, there) => (here, there))
                .Where(pair => !pair.here.Keys.Any(key => pair.there.Keys.Any(k => k.PublicKey == key.PublicKey)))
                .Select(pair => pair.here.Zone)];

    private static bool IsBytes(string? base64, int count)
    {
        Span<byte> bytes = stackalloc byte[Dnskey.PublicKeyBytes];
        return base64 is not null && Convert.TryFromBase64String(base64, bytes, out int written) && written == count;
    }
}
