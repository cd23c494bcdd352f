using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Tests.Control;

/// <summary>Keys and cookie secrets: what of them an edge uses, and how it keeps them.</summary>
public sealed class DnsSecretsTests : IDisposable
{
    private readonly TempDirectory _data = new();
    private readonly ListLogger _log = new();

    private string File => _data.File("control/" + ControlStore.SecretsName);

    public void Dispose() => _data.Dispose();

    private ControlStore Open(string edge = "waw1") => ControlStore.Open(_data.Path, "waw", edge, _log);

    private static string Bytes(int count, byte fill) => Convert.ToBase64String(Enumerable.Repeat(fill, count).ToArray());

    private static ZoneKeys Zone(string name, params byte[] keys) => new()
    {
        Zone = name,
        Keys = [.. keys.Select(k => new ZoneKey { Flags = 257, PublicKey = Bytes(64, k), PrivateKey = Bytes(32, k), SignsKeys = true, SignsZone = true })],
    };

    private static DnsSecrets Secrets(string epoch, long revision, params ZoneKeys[] zones) => new()
    {
        Epoch = epoch, Revision = revision, Zones = [.. zones], Cookies = new CookieKeys(Bytes(16, 1), [Bytes(16, 2)]),
    };

    private static FeedSession Session(DnsSecrets? held = null)
    {
        FeedSession session = new("waw", "waw1", null, PurgeCursor.None, held);
        session.Step(new SiloWelcome { Protocol = FeedProtocol.Version, Silo = "s" });
        return session;
    }

    [Fact]
    public void They_are_there_after_a_restart_and_nobody_else_can_read_them()
    {
        DnsSecrets saved = Secrets("e1", 7, Zone("example.net", 3, 4));
        using (ControlStore store = Open())
        {
            Assert.Null(store.LoadSecrets());
            System.IO.File.WriteAllText(File + ".new", "left by a crash"); // with the mode of any file
            store.SaveSecrets(saved);
        }

        using ControlStore again = Open();
        DnsSecrets loaded = again.LoadSecrets()!;
        Assert.Equal(saved.Held, loaded.Held);
        Assert.Equal(saved.Zones[0].Keys.AsSpan(), loaded.Zones[0].Keys.AsSpan());
        Assert.Equal(saved.Cookies.Others.AsSpan(), loaded.Cookies.Others.AsSpan());
        Assert.Empty(_log.Lines);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact]
    public void What_is_damaged_or_another_edges_is_set_aside_without_showing_it()
    {
        using (ControlStore store = Open())
        {
            store.SaveSecrets(Secrets("e1", 7, Zone("example.net", 3)));
        }

        byte[] whole = System.IO.File.ReadAllBytes(File);
        foreach (int length in Enumerable.Range(0, whole.Length))
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            using ControlStore store = Open();
            Assert.Null(store.LoadSecrets());
            Assert.False(System.IO.File.Exists(File));
        }

        System.IO.File.WriteAllBytes(File, whole);
        using (ControlStore other = Open("waw2"))
        {
            Assert.Null(other.LoadSecrets());
        }

        System.IO.File.WriteAllBytes(File, RecordFrame.Write(RecordFrame.SecretsKind, 0, "{\"pop\":\"waw\",\"edge\":\"waw1\",\"secrets\":\"AwMDAwMDAw\"}"u8));
        using ControlStore last = Open();
        Assert.Null(last.LoadSecrets());
        Assert.DoesNotContain("AwMDAwMDAw", _log.All, StringComparison.Ordinal);
        Assert.Contains("belongs to edge waw/waw1", _log.All, StringComparison.Ordinal);
    }

    [Fact]
    public void Newer_ones_replace_older_ones_and_older_ones_nothing()
    {
        FeedSession session = Session(Secrets("e1", 5, Zone("example.net", 3)));
        Assert.Equal(FeedAction.None, session.Step(Secrets("e1", 5, Zone("example.net", 3))).Action);
        Assert.Equal(FeedAction.None, session.Step(Secrets("e1", 4, Zone("example.net", 3))).Action);
        FeedStep step = session.Step(Secrets("e1", 6, Zone("example.net", 9)));
        Assert.Equal((FeedAction.ReplaceSecrets, 6L), (step.Action, step.Secrets!.Revision));
    }

    [Fact]
    public void A_silo_that_has_lost_its_keys_makes_no_zone_bogus()
    {
        FeedSession session = Session(Secrets("e1", 5, Zone("example.net", 3), Zone("example.org", 4)));
        FeedStep foreign = session.Step(Secrets("e2", 1, Zone("example.net", 3), Zone("example.org", 8)));
        Assert.Equal(FeedAction.None, foreign.Action);
        Assert.Contains("example.org", foreign.Remark, StringComparison.Ordinal);
        Assert.DoesNotContain("example.net", foreign.Remark, StringComparison.Ordinal);
        Assert.Equal(FeedAction.ReplaceSecrets, session.Step(Secrets("e2", 1, Zone("example.net", 9, 3), Zone("example.org", 4), Zone("example.com", 1))).Action);
    }

    public static TheoryData<int> Malformed => [.. Enumerable.Range(0, 12)];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_is_no_secret_ends_the_connection(int which)
    {
        DnsSecrets good = Secrets("e1", 5, Zone("example.net", 3));
        ZoneKeys zone = good.Zones[0];
        ZoneKey key = zone.Keys[0];
        DnsSecrets bad = which switch
        {
            0 => good with { Epoch = "" },
            1 => good with { Revision = 0 },
            2 => good with { Zones = default },
            3 => good with { Zones = [zone with { Keys = [] }] },
            4 => good with { Zones = [zone with { Keys = [.. Enumerable.Repeat(key, 17)] }] },
            5 => good with { Zones = [zone with { Keys = [key with { PublicKey = Bytes(63, 1) }] }] },
            6 => good with { Zones = [zone with { Keys = [key with { PrivateKey = "not base64" }] }] },
            7 => good with { Zones = [zone, zone] },
            8 => good with { Zones = [zone with { Cds = (CdsForm)9 }] },
            9 => good with { Cookies = new CookieKeys(Bytes(15, 1), []) },
            10 => good with { Cookies = new CookieKeys(Bytes(16, 1), [.. Enumerable.Repeat(Bytes(16, 1), 3)]) },
            _ => good with { Zones = [.. Enumerable.Range(0, DnsSecrets.MaxZones + 1).Select(i => Zone($"z{i}.example.net", 1))] },
        };
        FeedStep step = Session().Step(bad);
        Assert.Equal((FeedAction.End, FeedEndReason.ProtocolViolation), (step.Action, step.End!.Reason));
        Assert.Equal(FeedAction.ReplaceSecrets, Session().Step(good).Action);
    }

    [Fact]
    public void What_is_reported_is_on_the_disk()
    {
        using ControlStore store = Open();
        ControlJournal journal = new(store, null, PurgeCursor.None, Eligibility.None, _log);
        journal.CatchUp(null, Eligibility.None, PurgeCursor.None, Secrets("e1", 5));
        Assert.Equal(new DnsHeld("e1", 5), journal.SavedSecrets);
        Assert.Equal(new DnsHeld("e1", 5), store.LoadSecrets()!.Held);
        Directory.CreateDirectory(File + ".new"); // the disk refuses
        journal.CatchUp(null, Eligibility.None, PurgeCursor.None, Secrets("e1", 6));
        Assert.Equal(new DnsHeld("e1", 5), journal.SavedSecrets);
        Directory.Delete(File + ".new");
        journal.CatchUp(null, Eligibility.None, PurgeCursor.None, Secrets("e1", 6));
        Assert.Equal(new DnsHeld("e1", 6), journal.SavedSecrets);
    }
}
