using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Dns;

/// <summary>
/// The life of a zone's keys (RFC 6781, RFC 7583). Pure. Whatever any cache holds of DS, DNSKEY and signatures at any time fits together, because each step
/// waits until all edges have the one before, and then as long as caches may keep what was there until then. One key of a kind is on its way at a time:
/// <code>
/// CSK, KSK   Publishing → AwaitingDs → DsPropagating → Active → Retiring → (gone)      new key published and signing the keys; then DS; then it signs answers
/// ZSK        Publishing → Active → Retiring → (gone)                                   pre-publication (RFC 6781 §4.1.1.1)
/// </code>
/// </summary>
internal static partial class ZoneKeysMachine
{
    private const string ByTime = "time";
    private const string ByConfig = "config";

    /// <param name="row">As it is.</param>
    /// <param name="happening">What happens.</param>
    /// <param name="now">UTC by the wall clock: waits outlive the process.</param>
    public static ZoneKeysStep Step(ZoneKeysRow row, ZoneKeysEvent happening, DateTimeOffset now)
    {
        ZoneKeysStep step = happening switch
        {
            Ticked ticked => new ZoneKeysStep(DnsKeyVerdict.Done, Tick(row, ticked, now)),
            Ordered ordered => Order(row, ordered, now),
            _ => throw new UnreachableException($"no such event: {happening.GetType()}"),
        };
        return step with { Row = Numbered(row, step.Row) };
    }

    /// <summary>When the state of a key ends by itself; null: not known yet, or not by itself.</summary>
    public static DateTimeOffset? EndOf(StoredKey key)
    {
        TimeSpan margin = key.IsHurried ? TimeSpan.Zero : DnsKeyTimes.Margin;
        return key.State switch
        {
            DnsKeyState.Publishing => key.HeldSince + Seconds(key.IsFirst ? DnsKeyTimes.MaxTtlSeconds : DnsKeyTimes.DnskeyTtlSeconds) + margin,
            DnsKeyState.DsPropagating => key.Since + key.DsTtl + margin,
            DnsKeyState.Retiring => key.HeldSince + Seconds(key.CanSignZone ? DnsKeyTimes.MaxTtlSeconds : DnsKeyTimes.DnskeyTtlSeconds) + margin,
            DnsKeyState.AwaitingDs or DnsKeyState.Active => null,
            _ => throw new UnreachableException($"no such state: {key.State}"),
        };
    }

    /// <summary>Whether nothing has changed that would have to be written down.</summary>
    public static bool IsSame(ZoneKeysRow one, ZoneKeysRow other) =>
        one with { Keys = [], History = [] } == other with { Keys = [], History = [] } && one.Keys.SequenceEqual(other.Keys) && one.History.SequenceEqual(other.History);

    private static ZoneKeysRow Tick(ZoneKeysRow row, Ticked ticked, DateTimeOffset now)
    {
        row = Want(row, ticked, now);
        row = row with { Keys = [.. row.Keys.Select(key => Hold(key, ticked.Sync, now))] };
        if (row.Withdrawal == DnsWithdrawal.DsLeaving && now >= row.DsGoneAt)
        {
            return Note(row with { Keys = [], Withdrawal = DnsWithdrawal.None, DsGoneAt = null }, now, ByTime, "the zone is unsigned: its keys are gone");
        }

        foreach (StoredKey key in row.Keys.Where(key => EndOf(key) <= now))
        {
            row = Next(row, key, now, ByTime, null);
        }

        return row;
    }

    /// <summary>Brings the row together with what the config wants.</summary>
    private static ZoneKeysRow Want(ZoneKeysRow row, Ticked ticked, DateTimeOffset now)
    {
        bool wanted = ticked.Sync.Wanted;
        row = row with { Wanted = wanted };
        if (wanted && row.Keys.IsEmpty)
        {
            StoredKey key = New(row, DnsKeyRole.Csk, ticked.Make, now) with { IsFirst = true };
            return Note(row with { Keys = [key] }, now, ByConfig, $"key {key.Tag} signs the zone");
        }

        if (wanted && row.Withdrawal != DnsWithdrawal.None)
        {
            // The DS records may be gone from the parent: they are asked for anew.
            bool isGone = row.Withdrawal == DnsWithdrawal.DsLeaving;
            row = row with
            {
                Withdrawal = DnsWithdrawal.None,
                DsGoneAt = null,
                Keys = [.. row.Keys.Select(key => isGone && key is { IsEntryPoint: true, State: DnsKeyState.Active or DnsKeyState.DsPropagating }
                    ? Enter(row, key, DnsKeyState.AwaitingDs, now) : key)],
            };
            return Note(row, now, ByConfig, "the zone is to stay signed");
        }

        if (!wanted && row.Withdrawal == DnsWithdrawal.None && !row.Keys.IsEmpty)
        {
            return row.Keys.All(key => key.State == DnsKeyState.Publishing)
                ? Note(row with { Keys = [] }, now, ByConfig, "the zone is unsigned: no DS record was ever asked for")
                : Note(row with { Withdrawal = DnsWithdrawal.AwaitingNoDs }, now, ByConfig, "the zone is to be unsigned: the parent is asked to remove its DS records");
        }

        return row;
    }

    private static StoredKey Hold(StoredKey key, ZoneKeysSync sync, DateTimeOffset now) =>
        key.HeldSince is null && (key.IsHurried ? sync.HeldByConnected : sync.Held) >= key.SinceRevision ? key with { HeldSince = now } : key;

    /// <summary>A key leaves its state.</summary>
    private static ZoneKeysRow Next(ZoneKeysRow row, StoredKey key, DateTimeOffset now, string who, DnsKeyOrder? order)
    {
        switch (key.State)
        {
            case DnsKeyState.Publishing when key.IsEntryPoint:
                return Note(Replace(row, key, DnsKeyState.AwaitingDs, now), now, who, $"key {key.Tag} is in every cache: its DS record can go to the parent", order);
            case DnsKeyState.Publishing or DnsKeyState.DsPropagating:
                foreach (StoredKey former in row.Keys.TakeWhile(k => k.Tag != key.Tag).Where(k => k.Role == key.Role && k.State != DnsKeyState.Retiring))
                {
                    row = Replace(row, former with { IsHurried = key.IsHurried }, DnsKeyState.Retiring, now);
                }

                return Note(Replace(row, key, DnsKeyState.Active, now), now, who, $"key {key.Tag} signs", order);
            case DnsKeyState.Retiring:
                return Note(row with { Keys = row.Keys.RemoveAll(k => k.Tag == key.Tag) }, now, who, $"key {key.Tag} is gone", order);
            default:
                throw new UnreachableException($"state {key.State} does not end by itself");
        }
    }

    private static ZoneKeysRow Replace(ZoneKeysRow row, StoredKey key, DnsKeyState state, DateTimeOffset now) =>
        row with { Keys = [.. row.Keys.Select(k => k.Tag == key.Tag ? Enter(row, key, state, now) : k)] };

    private static StoredKey Enter(ZoneKeysRow row, StoredKey key, DnsKeyState state, DateTimeOffset now) =>
        key with { State = state, Since = now, SinceRevision = row.Revision + 1, HeldSince = null, IsFirst = key.IsFirst && state == DnsKeyState.Publishing };

    private static StoredKey New(ZoneKeysRow row, DnsKeyRole role, Func<KeyMaterial> make, DateTimeOffset now)
    {
        ushort flags = role == DnsKeyRole.Zsk ? Dnskey.ZoneKeyFlags : Dnskey.EntryPointFlags;
        while (true)
        {
            KeyMaterial material = make();
            ushort tag = Dnskey.Tag(flags, Convert.FromBase64String(material.PublicKey));
            if (row.Keys.All(key => key.Tag != tag))
            {
                return new StoredKey
                {
                    Tag = tag,
                    Role = role,
                    PublicKey = material.PublicKey,
                    PrivateKey = material.PrivateKey,
                    State = DnsKeyState.Publishing,
                    Since = now,
                    SinceRevision = row.Revision + 1,
                };
            }
        }
    }

    /// <summary>Gives the row a new revision when edges see something new. States that were entered in this step have that number already.</summary>
    private static ZoneKeysRow Numbered(ZoneKeysRow before, ZoneKeysRow after)
    {
        bool isSeen = !ZoneKeysProjection.AreSame(ZoneKeysProjection.Of("", before), ZoneKeysProjection.Of("", after));
        bool isEntered = after.Keys.Any(key => key.SinceRevision > before.Revision);
        return isSeen || isEntered ? after with { Revision = before.Revision + 1 } : after;
    }

    private static ZoneKeysRow Note(ZoneKeysRow row, DateTimeOffset now, string who, string what, DnsKeyOrder? order = null)
    {
        var entry = new DnsKeyEntry
        {
            When = now,
            Who = order?.Who ?? who,
            From = order?.From,
            What = what,
            Why = order?.Request.Reason,
            Forced = order?.Request.Force ?? false,
        };
        ImmutableArray<DnsKeyEntry> history = row.History.Add(entry);
        return row with { History = history.Length > ZoneKeysRow.MaxHistory ? history.RemoveAt(0) : history };
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
