using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Grains.Dns;

namespace OrleansCdn.Grains.Tests.Dns;

/// <summary>A mistake that the world has to notice.</summary>
internal enum KeyMutation
{
    None,

    /// <summary>All edges are taken to have everything at once.</summary>
    ForgetsEdges,

    /// <summary>A state is left a day and a half before its time.</summary>
    Hurries,

    /// <summary>A key that retires is dropped at once.</summary>
    DropsRetiring,

    /// <summary>The operator says that a DS record is at the parent which comes there days later.</summary>
    SaysTooEarly,

    /// <summary>The operator takes the former key's DS record for the new one's as soon as the change begins.</summary>
    AsksTooEarly,

    /// <summary>The keys of a zone that is to be unsigned go without waiting for the parent.</summary>
    UnsignsAtOnce,
}

/// <summary>
/// One signed zone with its keys, nameservers that hear of changes late or for weeks not at all, a parent, an operator, and every resolver at once: whatever
/// of DS, DNSKEY and signatures could be in a cache at this moment is put together in every way.
/// </summary>
internal sealed class KeyWorld
{
    private static readonly TimeSpan s_dsTtl = TimeSpan.FromHours(48);
    private static readonly TimeSpan s_dnskeyTtl = TimeSpan.FromSeconds(DnsKeyTimes.DnskeyTtlSeconds);
    private static readonly TimeSpan s_maxTtl = TimeSpan.FromSeconds(DnsKeyTimes.MaxTtlSeconds);

    private readonly Random _random;
    private readonly KeyMutation _mutation;
    private readonly Nameserver[] _servers = [new(), new(), new()];
    private readonly List<(DateTimeOffset Since, ImmutableHashSet<ushort> Tags)> _parent;
    private ZoneKeysRow _row = new();
    private bool _wanted = true;
    private DateTimeOffset? _saidEarly;
    private int _made;

    public KeyWorld(int seed, KeyMutation mutation = KeyMutation.None)
    {
        _random = new Random(seed);
        _mutation = mutation;
        _parent = [(Now - TimeSpan.FromDays(30), [])];
        foreach (Nameserver server in _servers)
        {
            server.Seen.Add((Now - TimeSpan.FromDays(30), null));
        }
    }

    public DateTimeOffset Now { get; private set; } = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public ZoneKeysRow Row => _row;

    /// <summary>Changes of keys that have come to their end.</summary>
    public int Rolled { get; private set; }

    public int Unsigned { get; private set; }

    private sealed class Nameserver
    {
        public bool Connected { get; set; } = true;

        public long Held { get; set; } = -1;

        /// <summary>What the silo knows of it.</summary>
        public long Reported { get; set; } = -1;

        public List<(DateTimeOffset Since, ZoneKeys? Keys)> Seen { get; } = [];
    }

    /// <returns>What does not fit together; null: everything does.</returns>
    public string? Step()
    {
        Now += TimeSpan.FromMinutes(_random.Next(1, 300));
        switch (_random.Next(12))
        {
            case 0:
                Any().Connected ^= true;
                break;
            case 1 or 2:
                Nameserver server = Any();
                if (server.Connected)
                {
                    server.Reported = server.Held;
                }

                break;
            case 3 or 4 or 5:
                Take(Any());
                break;
            case 6:
                Operate();
                break;
            case 7 when _random.Next(12) == 0:
                Order(DnsKeyAction.Roll, null, ZoneKeysProjectionRole());
                break;
            case 8 when _random.Next(60) == 0:
                _wanted ^= true;
                break;
            case 9 when _random.Next(8) == 0 && _row.Keys.Length == 1:
                Order(DnsKeyAction.Split, null, null);
                break;
            default:
                Tick();
                break;
        }

        return Check();
    }

    /// <summary>Everything is well from here on; keys come to rest.</summary>
    public string? Heal()
    {
        _wanted = true;
        for (int i = 0; i < 400; i++)
        {
            foreach (Nameserver server in _servers)
            {
                server.Connected = true;
                Take(server);
                server.Reported = server.Held;
            }

            Operate();
            Tick();
            Now += TimeSpan.FromHours(1);
            if (Check() is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private void Tick()
    {
        var sync = new ZoneKeysSync
        {
            Wanted = _wanted,
            Held = _mutation == KeyMutation.ForgetsEdges ? long.MaxValue : _servers.Min(s => s.Reported),
            HeldByConnected = _servers.Where(s => s.Connected).Select(s => s.Reported).DefaultIfEmpty(-1).Min(),
        };
        ZoneKeysRow before = _row;
        if (_mutation == KeyMutation.Hurries)
        {
            _row = _row with { Keys = [.. _row.Keys.Select(k => k with { HeldSince = k.HeldSince?.AddHours(-36), Since = k.Since.AddHours(-36) })] };
        }

        Apply(new Ticked(sync, Make));
        if (_mutation == KeyMutation.DropsRetiring && _row.Keys.Any(k => k.State == DnsKeyState.Retiring))
        {
            _row = _row with { Keys = [.. _row.Keys.Where(k => k.State != DnsKeyState.Retiring)], Revision = _row.Revision + 1 };
        }

        if (_mutation == KeyMutation.UnsignsAtOnce && _row.Withdrawal == DnsWithdrawal.AwaitingNoDs)
        {
            _row = _row with { Keys = [], Withdrawal = DnsWithdrawal.None, Revision = _row.Revision + 1 };
        }

        Rolled += before.Keys.Count(k => k.State == DnsKeyState.Retiring && _row.Keys.All(other => other.Tag != k.Tag));
        Unsigned += before.Keys.IsEmpty || !_row.Keys.IsEmpty ? 0 : 1;
    }

    /// <summary>A silo that dies before it has written leaves everything as it was.</summary>
    private void Apply(ZoneKeysEvent happening)
    {
        ZoneKeysStep step = ZoneKeysMachine.Step(_row, happening, Now);
        if (_random.Next(10) > 0)
        {
            _row = step.Row;
        }
    }

    private void Take(Nameserver server)
    {
        if (!server.Connected || server.Held == _row.Revision)
        {
            return;
        }

        server.Held = _row.Revision;
        server.Seen.Add((Now, ZoneKeysProjection.Of("example.net", _row)));
        server.Seen.RemoveAll(seen => seen != server.Seen.Last(s => s.Since <= Now - s_maxTtl) && seen.Since < Now - s_maxTtl);
    }

    /// <summary>Does what the report asks for: first at the parent, some time later with a word to the silo.</summary>
    private void Operate()
    {
        DnsKeysReply report = ZoneKeysReport.Of("example.net", _row);
        ImmutableHashSet<ushort> at = _parent[^1].Tags;
        if (_mutation == KeyMutation.AsksTooEarly && _row.Keys.LastOrDefault(k => k.IsEntryPoint) is { } newest)
        {
            At([newest.Tag]);
        }
        else if (report.Withdrawal == DnsWithdrawal.AwaitingNoDs)
        {
            if (!at.IsEmpty)
            {
                At([]);
            }
            else if (_random.Next(3) == 0)
            {
                Order(DnsKeyAction.DsGone, null, null);
            }
        }
        else if (report.Withdrawal == DnsWithdrawal.None && report.ParentDs is not null)
        {
            StoredKey asked = ZoneKeysProjection.AskedFor(_row)!;
            if (_mutation == KeyMutation.SaysTooEarly && (asked.State == DnsKeyState.AwaitingDs || Now < _saidEarly + TimeSpan.FromDays(5)))
            {
                _saidEarly = asked.State == DnsKeyState.AwaitingDs ? Now : _saidEarly;
                Order(DnsKeyAction.DsSeen, asked.Tag, null);
                return;
            }

            if (!at.SetEquals([asked.Tag]))
            {
                At([asked.Tag]);
            }
            else if (asked.State == DnsKeyState.AwaitingDs && _random.Next(3) == 0)
            {
                Order(DnsKeyAction.DsSeen, asked.Tag, null);
            }
        }
    }

    private void At(ImmutableHashSet<ushort> tags)
    {
        if (!_parent[^1].Tags.SetEquals(tags))
        {
            _parent.Add((Now, tags));
        }
    }

    private void Order(DnsKeyAction action, ushort? tag, DnsKeyRole? role) => Apply(new Ordered(
        new DnsKeyOrder { Who = "ops", Request = new DnsKeyRequest { Action = action, Tag = tag, Role = role, DsTtlSeconds = (int)s_dsTtl.TotalSeconds } }, Make));

    private DnsKeyRole? ZoneKeysProjectionRole() => _row.Keys.Any(k => k.Role == DnsKeyRole.Zsk) ? (_random.Next(2) == 0 ? DnsKeyRole.Ksk : DnsKeyRole.Zsk) : null;

    private Nameserver Any() => _servers[_random.Next(_servers.Length)];

    private KeyMaterial Make() => new(Convert.ToBase64String([.. BitConverter.GetBytes(++_made), .. new byte[60]]), Convert.ToBase64String(new byte[32]));

    private string? Check()
    {
        ImmutableHashSet<ushort>[] parents = [.. Window(_parent, Now - s_dsTtl)];
        ZoneKeys?[] keys = [.. _servers.SelectMany(s => Window(s.Seen, Now - s_dnskeyTtl)).Distinct()];
        ZoneKeys?[] answers = [.. _servers.SelectMany(s => Window(s.Seen, Now - s_maxTtl)).Distinct()];
        foreach (ImmutableHashSet<ushort> parent in parents.Where(p => !p.IsEmpty))
        {
            foreach (ZoneKeys? set in keys)
            {
                if (set is null || !set.Keys.Any(k => k.SignsKeys && parent.Contains(Tag(k))))
                {
                    return $"{Now:u}: DS {string.Join(",", parent)} with DNSKEY {Text(set)}";
                }

                foreach (ZoneKeys? answer in answers)
                {
                    if (answer is null || !answer.Keys.Any(k => k.SignsZone && set.Keys.Any(other => other.PublicKey == k.PublicKey)))
                    {
                        return $"{Now:u}: DNSKEY {Text(set)} with an answer signed by {Text(answer)}";
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Everything that was in force at some moment since then.</summary>
    private static IEnumerable<T> Window<T>(List<(DateTimeOffset Since, T What)> history, DateTimeOffset from)
    {
        for (int i = 0; i < history.Count; i++)
        {
            if (i == history.Count - 1 || history[i + 1].Since > from)
            {
                yield return history[i].What;
            }
        }
    }

    private static ushort Tag(ZoneKey key) => Dnskey.Tag(key.Flags, Convert.FromBase64String(key.PublicKey));

    private static string Text(ZoneKeys? keys) =>
        keys is null ? "none" : string.Join(",", keys.Keys.Select(k => $"{Tag(k)}{(k.SignsKeys ? "K" : "")}{(k.SignsZone ? "Z" : "")}"));
}
