using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Dns;

/// <summary>What operators ask for.</summary>
internal static partial class ZoneKeysMachine
{
    private static ZoneKeysStep Order(ZoneKeysRow row, Ordered ordered, DateTimeOffset now)
    {
        DnsKeyRequest request = ordered.Order.Request;
        if (row.Keys.IsEmpty)
        {
            return Refused(row, "the zone has no keys: with 'dnssec: true' in its config it is given one");
        }

        if (request.Tag is { } tag && row.Keys.All(key => key.Tag != tag))
        {
            return Refused(row, $"there is no key {tag}: the zone has {string.Join(", ", row.Keys)}");
        }

        return request.Action switch
        {
            DnsKeyAction.Roll => Roll(row, ordered, now),
            DnsKeyAction.Split => Split(row, ordered, now),
            DnsKeyAction.DsSeen => DsSeen(row, ordered.Order, now),
            DnsKeyAction.DsGone => DsGone(row, ordered.Order, now),
            DnsKeyAction.Activate => Activate(row, ordered.Order, now),
            DnsKeyAction.Remove => Remove(row, ordered.Order, now),
            _ => throw new UnreachableException($"no such action: {request.Action}"),
        };
    }

    private static ZoneKeysStep Roll(ZoneKeysRow row, Ordered ordered, DateTimeOffset now)
    {
        DnsKeyRequest request = ordered.Order.Request;
        bool isSplit = row.Keys.Any(key => key.Role != DnsKeyRole.Csk);
        if (request.Role is null && isSplit)
        {
            return Refused(row, "the zone has two keys: say which one is to be replaced, ksk or zsk");
        }

        DnsKeyRole role = request.Role ?? DnsKeyRole.Csk;
        if (row.Keys.All(key => key.Role != role))
        {
            return Refused(row, $"the zone has no {role.ToString().ToUpperInvariant()}: it has {string.Join(", ", row.Keys)}");
        }

        if (row.Withdrawal != DnsWithdrawal.None)
        {
            return Refused(row, "the zone is on its way to be unsigned: no new key is begun");
        }

        if (row.Keys.FirstOrDefault(key => key.Role == role && key.State != DnsKeyState.Active) is { } busy)
        {
            return Refused(row, $"{busy} is on its way already: wait for it, or take it away with 'remove'");
        }

        StoredKey key = New(row, role, ordered.Make, now) with { IsHurried = request.Emergency };
        string what = $"key {key.Tag} is to take the place of {string.Join(", ", row.Keys.Where(k => k.Role == role).Select(k => k.Tag))}{(request.Emergency ? ", in an emergency" : "")}";
        return Done(row with { Keys = row.Keys.Add(key) }, now, what, ordered.Order);
    }

    private static ZoneKeysStep Split(ZoneKeysRow row, Ordered ordered, DateTimeOffset now)
    {
        if (row.Keys is not [{ Role: DnsKeyRole.Csk, State: DnsKeyState.Publishing, IsFirst: true }])
        {
            return Refused(row, "a zone is given two keys only while its first one is being published: no DS record may be there");
        }

        ZoneKeysRow none = row with { Keys = [] };
        StoredKey ksk = New(none, DnsKeyRole.Ksk, ordered.Make, now) with { IsFirst = true };
        ZoneKeysRow one = row with { Keys = [ksk] };
        StoredKey zsk = New(one, DnsKeyRole.Zsk, ordered.Make, now) with { IsFirst = true };
        return Done(one with { Keys = [ksk, zsk] }, now, $"keys {ksk.Tag} (KSK) and {zsk.Tag} (ZSK) take the place of {row.Keys[0].Tag}", ordered.Order);
    }

    private static ZoneKeysStep DsSeen(ZoneKeysRow row, DnsKeyOrder order, DateTimeOffset now)
    {
        StoredKey? key = row.Keys.LastOrDefault(k => k.IsEntryPoint && (order.Request.Tag is { } tag ? k.Tag == tag : k.State != DnsKeyState.Retiring));
        if (row.Withdrawal != DnsWithdrawal.None || key is null)
        {
            return Refused(row, key is null ? "that key has no DS record" : "the zone is on its way to be unsigned: no DS record is to be at the parent");
        }

        if (key.State is DnsKeyState.DsPropagating or DnsKeyState.Active)
        {
            return new ZoneKeysStep(DnsKeyVerdict.Unchanged, row);
        }

        if (key.State != DnsKeyState.AwaitingDs && !order.Request.Force)
        {
            return Refused(row, key.State == DnsKeyState.Publishing
                ? $"key {key.Tag} is not in every cache yet ({WhenText(key)}): with its DS record at the parent now, resolvers that have the older keys fail. Take the DS record away, or say --force"
                : $"key {key.Tag} is being retired: its DS record is not to be at the parent");
        }

        row = Replace(row, key with { DsTtl = DsTtl(order) }, DnsKeyState.DsPropagating, now);
        return Done(row, now, $"the DS record of key {key.Tag} is at the parent", order);
    }

    private static ZoneKeysStep DsGone(ZoneKeysRow row, DnsKeyOrder order, DateTimeOffset now)
    {
        switch (row.Withdrawal)
        {
            case DnsWithdrawal.DsLeaving:
                return new ZoneKeysStep(DnsKeyVerdict.Unchanged, row);
            case DnsWithdrawal.AwaitingNoDs:
                row = row with { Withdrawal = DnsWithdrawal.DsLeaving, DsGoneAt = now + DsTtl(order) + DnsKeyTimes.Margin };
                return Done(row, now, "the parent has no DS records any more", order);
            default:
                return Refused(row, "the zone is to be signed: take 'dnssec: true' out of its config first");
        }
    }

    private static ZoneKeysStep Activate(ZoneKeysRow row, DnsKeyOrder order, DateTimeOffset now)
    {
        StoredKey[] pending = [.. row.Keys.Where(k => (order.Request.Tag is null || k.Tag == order.Request.Tag) && k.State is DnsKeyState.Publishing or DnsKeyState.DsPropagating)];
        if (pending is not [var key])
        {
            return Refused(row, pending.Length > 1 ? "several keys are on their way: give the tag of one" : "no such key waits for time: a key that awaits its DS record goes on with 'ds-seen'");
        }

        if (!order.Request.Force)
        {
            return Refused(row, $"key {key.Tag} goes on by itself ({WhenText(key)}); earlier, resolvers may fail whose caches hold what was there before. Say --force if that is better than waiting");
        }

        return new ZoneKeysStep(DnsKeyVerdict.Done, Next(row, key, now, order.Who, order));
    }

    private static ZoneKeysStep Remove(ZoneKeysRow row, DnsKeyOrder order, DateTimeOffset now)
    {
        if (order.Request.Tag is not { } tag)
        {
            return Refused(row, "give the tag of the key");
        }

        StoredKey key = row.Keys.First(k => k.Tag == tag);
        bool isNeeded = key.State == DnsKeyState.Active || row.Keys.Count(k => k.Role == key.Role) == 1;
        if (isNeeded)
        {
            return Refused(row, $"key {tag} signs: replace it with 'roll'");
        }

        if (key.State != DnsKeyState.Publishing && !order.Request.Force)
        {
            return Refused(row, key.State == DnsKeyState.Retiring
                ? $"caches may hold what key {tag} has signed; it goes by itself ({WhenText(key)}). Say --force if that is better than waiting"
                : $"the DS record of key {tag} may be at the parent, and then nobody could validate the zone: take it away there first, then say --force");
        }

        return Done(row with { Keys = row.Keys.RemoveAll(k => k.Tag == tag) }, now, $"key {tag} was removed", order);
    }

    private static TimeSpan DsTtl(DnsKeyOrder order) => order.Request.DsTtlSeconds is { } seconds ? Seconds(seconds) : DnsKeyTimes.DefaultDsTtl;

    private static string WhenText(StoredKey key) => EndOf(key) is { } end ? $"at {end:yyyy-MM-dd HH:mm:ss}Z" : "some time after all edges have it";

    private static ZoneKeysStep Done(ZoneKeysRow row, DateTimeOffset now, string what, DnsKeyOrder order) =>
        new(DnsKeyVerdict.Done, Note(row, now, order.Who, what, order));

    private static ZoneKeysStep Refused(ZoneKeysRow row, string error) => new(DnsKeyVerdict.Refused, row, error);
}
