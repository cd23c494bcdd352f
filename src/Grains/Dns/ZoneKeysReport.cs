using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Dns;

/// <summary>The keys of a zone as operators see them: without secrets, with what is waited for.</summary>
internal static class ZoneKeysReport
{
    public static DnsKeysReply Of(string zone, ZoneKeysRow row)
    {
        ZoneKeys? seen = ZoneKeysProjection.Of(zone, row);
        StoredKey? asked = row.Withdrawal == DnsWithdrawal.None ? ZoneKeysProjection.AskedFor(row) : null;
        return new DnsKeysReply
        {
            Zone = zone,
            Wanted = row.Wanted,
            Withdrawal = row.Withdrawal,
            Keys = [.. row.Keys.Zip(seen?.Keys ?? [], (key, at) => View(zone, key, at))],
            ParentDs = row.Withdrawal != DnsWithdrawal.None ? [] : asked is null ? null : [Ds(zone, asked)],
            ParentDnskeys = asked is null ? [] : [Invariant($"{zone}. IN DNSKEY {Dnskey.EntryPointFlags} {Dnskey.Protocol} {Dnskey.EcdsaP256Sha256} {asked.PublicKey}")],
            History = [.. row.History.Reverse()],
        };
    }

    private static DnsKeyView View(string zone, StoredKey key, ZoneKey seen) => new()
    {
        Tag = key.Tag,
        Role = key.Role,
        State = key.State,
        Since = key.Since,
        Until = ZoneKeysMachine.EndOf(key),
        Waits = Waits(key),
        Flags = seen.Flags,
        PublicKey = key.PublicKey,
        SignsKeys = seen.SignsKeys,
        SignsZone = seen.SignsZone,
        Ds = key.IsEntryPoint ? Ds(zone, key) : null,
    };

    private static string Waits(StoredKey key) => key.State switch
    {
        DnsKeyState.AwaitingDs => "for its DS record at the parent: say 'ds-seen' when it is there",
        DnsKeyState.Active => "for nothing",
        DnsKeyState.DsPropagating => "for caches that hold the DS records of before",
        _ when key.HeldSince is null => key.IsHurried ? "for the edges that a silo reaches to have it" : "for all edges that serve DNS to have it",
        DnsKeyState.Publishing => key.IsFirst ? "for caches that hold answers without signatures" : "for caches that hold the keys of before",
        _ => "for caches that hold its signatures",
    };

    private static string Ds(string zone, StoredKey key)
    {
        byte[] rdata = DsRecord.Rdata(DsRecord.Owner(zone), Dnskey.Rdata(Dnskey.EntryPointFlags, Convert.FromBase64String(key.PublicKey)));
        return Invariant($"{zone}. IN DS {key.Tag} {Dnskey.EcdsaP256Sha256} {DsRecord.Sha256} {Convert.ToHexString(rdata.AsSpan(DsRecord.DigestAt))}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
