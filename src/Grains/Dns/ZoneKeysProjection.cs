using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Dns;

/// <summary>What edges publish and sign with, of the keys as they are.</summary>
internal static class ZoneKeysProjection
{
    /// <summary>Null: the zone is not signed.</summary>
    public static ZoneKeys? Of(string zone, ZoneKeysRow row)
    {
        if (row.Keys.IsEmpty)
        {
            return null;
        }

        StoredKey signer = ZoneSigner(row);
        StoredKey? asked = row.Withdrawal == DnsWithdrawal.None ? AskedFor(row) : null;
        return new ZoneKeys
        {
            Zone = zone,
            Cds = row.Withdrawal != DnsWithdrawal.None ? CdsForm.Delete : asked is null ? CdsForm.None : CdsForm.Keys,
            Keys =
            [
                .. row.Keys.Select(key => new ZoneKey
                {
                    Flags = key.IsEntryPoint ? Dnskey.EntryPointFlags : Dnskey.ZoneKeyFlags,
                    PublicKey = key.PublicKey,
                    PrivateKey = key.PrivateKey,
                    SignsKeys = key.IsEntryPoint,
                    SignsZone = key == signer,
                    IsAskedFor = key == asked,
                }),
            ],
        };
    }

    public static bool AreSame(ZoneKeys? one, ZoneKeys? other) =>
        one is null || other is null ? one is null && other is null : one.Cds == other.Cds && one.Zone == other.Zone && one.Keys.SequenceEqual(other.Keys);

    /// <summary>The key that signs answers: the active one, or where none is active yet the oldest that is not on its way out.</summary>
    private static StoredKey ZoneSigner(ZoneKeysRow row) =>
        row.Keys.FirstOrDefault(key => key.CanSignZone && key.State == DnsKeyState.Active)
            ?? row.Keys.FirstOrDefault(key => key.CanSignZone && key.State != DnsKeyState.Retiring)
            ?? row.Keys.First(key => key.CanSignZone);

    /// <summary>The key whose DS record the parent is to have alone: the newest one that may have it. Null: none may yet.</summary>
    public static StoredKey? AskedFor(ZoneKeysRow row) =>
        row.Keys.LastOrDefault(key => key.IsEntryPoint && key.State is DnsKeyState.AwaitingDs or DnsKeyState.DsPropagating)
            ?? row.Keys.LastOrDefault(key => key.IsEntryPoint && key.State == DnsKeyState.Active);
}
