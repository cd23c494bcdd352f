using System.Security.Cryptography;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Server.Limiting;
using OrleansCdn.Dns.Server.Log;
using OrleansCdn.Dns.Server.Udp;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Zones;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Server;

/// <summary>Which answers count as alike, and what a limited client sees.</summary>
public sealed class RateLimitTests
{
    private const int A = 1, Aaaa = 28, Mx = 15;
    private const string Zone = "." + TestServer.Zone;

    private static readonly DnsData Data = new()
    {
        Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records))),
        Cookies = new ServerCookies(new byte[16]),
    };

    private readonly byte[] _response = new byte[Responder.MaxUdpLength];
    private readonly ResponseLimiter _limiter = new(KeyedHash.Fresh()) { Settings = new() { ResponsesPerSecond = 1, Window = 4 } };
    private readonly FakeTimeProvider _time = new();
    private readonly UdpDesk _desk;

    public RateLimitTests() =>
        _desk = new UdpDesk(
            new Responder(new DnsDataSource(Data), new DnsCounters()), new Faults(), _limiter, new QueryLog(_time), KeyedHash.Fresh(), 1);

    [Theory]
    [InlineData("the same name", "mail", A, "MAIL", A, true)]
    [InlineData("another type", "mail", A, "mail", Aaaa, true)]
    [InlineData("another name", "mail", A, "multi", A, false)]
    [InlineData("names of one wildcard", "a.wild", A, "b.c.wild", A, true)]
    [InlineData("a wildcard and a name below it", "a.wild", A, "x.y.wild", A, false)]
    [InlineData("names that do not exist", "no", A, "nor.this", Mx, true)]
    [InlineData("no name and no data", "no", A, "mail", Mx, true)]
    [InlineData("names below one delegation", "a.child", A, "b.c.child", Mx, true)]
    [InlineData("a delegation and a name that does not exist", "a.child", A, "no", A, false)]
    [InlineData("data and no data", "mail", A, "no", A, false)]
    public void Answers_count_as_alike(string what, string first, int firstType, string second, int secondType, bool areAlike)
    {
        Exhaust(first + Zone, firstType);
        Assert.True((Ask(second + Zone, secondType) != Fate.Sent) == areAlike, what);
    }

    [Fact]
    public void Errors_are_all_alike_whatever_is_asked()
    {
        Exhaust("example.org", A);
        Assert.NotEqual(Fate.Sent, Ask("example.com", Mx));
        Assert.Equal(Fate.Sent, Ask("mail" + Zone, A));
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.250", true)]
    [InlineData("198.51.100.7", "198.51.101.7", false)]
    [InlineData("2001:db8:1:200::1", "2001:db8:1:2ff::9", true)]
    [InlineData("2001:db8:1:200::1", "2001:db8:1:300::1", false)]
    public void A_network_is_one_client(string first, string second, bool areOne)
    {
        Exhaust("mail" + Zone, A, first);
        Assert.Equal(areOne, Ask("mail" + Zone, A, second) != Fate.Sent);
    }

    [Fact]
    public void Time_makes_it_good_and_settings_take_effect_at_once()
    {
        Exhaust("mail" + Zone, A);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Fate.Sent, Ask("mail" + Zone, A));
        Assert.NotEqual(Fate.Sent, Ask("mail" + Zone, A));
        _limiter.Settings = null;
        Assert.Equal(Fate.Sent, Ask("mail" + Zone, A));
    }

    [Fact]
    public void A_slipped_answer_has_nothing_but_question_and_edns_and_a_cookie_ends_the_limit()
    {
        const string Name = "mail" + Zone;
        byte[] client = RandomNumberGenerator.GetBytes(8);
        Exhaust(Name, A);
        Ask query = Kit.Ask.For(Name, A).WithEdns().WithOption(10, client);
        byte[] octets = [];
        for (int tries = 0; octets.Length == 0 && tries < 3; tries++)
        {
            octets = Serve(query.Octets());
        }

        SeenMessage slipped = SeenMessage.Read(octets);
        Assert.True(slipped.IsTruncated);
        Assert.Empty(slipped.All);
        Assert.Equal($"{Name}.", slipped.QuestionName);
        byte[] cookie = slipped.Options[10];
        Assert.Equal(client, cookie[..8]);
        Assert.True(octets.Length < query.Octets().Length + 20);

        for (int i = 0; i < 20; i++)
        {
            SeenMessage answer = SeenMessage.Read(Serve(Kit.Ask.For(Name, A).WithOption(10, cookie).Octets()));
            Assert.Equal((false, "192.0.2.25"), (answer.IsTruncated, Assert.Single(answer.Answer).Data));
        }

        // Somebody else's cookie is none.
        Assert.True(Serve(Kit.Ask.For(Name, A).WithOption(10, cookie).Octets(), "198.51.100.8") is [] or [_, _, 0x86, ..]);
    }

    [Fact]
    public void What_happened_is_counted()
    {
        for (int i = 0; i < 10; i++)
        {
            Ask("mail" + Zone, A);
        }

        Assert.Equal(
            (4, 3, 3, 10),
            (Count(ServerCount.UdpAnswers), Count(ServerCount.DroppedRate), Count(ServerCount.Slipped), Count(ServerCount.UdpQueries)));
    }

    [Fact]
    public void Nobody_is_answered_at_port_0()
    {
        QuerySource from = TestServer.From();
        var nowhere = new QuerySource { Address = from.Address, IsIpv4 = true, Port = 0, IsTcp = false, Now = from.Now };
        Assert.Equal(0, _desk.Serve(Kit.Ask.For("mail" + Zone, A).Octets(), true, nowhere, _response));
        Assert.Equal(1, Count(ServerCount.DroppedPort));
    }

    private long Count(ServerCount count) => _desk.Counters[count];

    private void Exhaust(string name, int type, string from = "198.51.100.7")
    {
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(Fate.Sent, Ask(name, type, from));
        }

        Assert.NotEqual(Fate.Sent, Ask(name, type, from));
    }

    private Fate Ask(string name, int type, string from = "198.51.100.7")
    {
        byte[] response = Serve(Kit.Ask.For(name, type).Octets(), from);
        return response.Length == 0 ? Fate.Dropped : SeenMessage.Read(response).IsTruncated ? Fate.Slipped : Fate.Sent;
    }

    private byte[] Serve(byte[] query, string from = "198.51.100.7")
    {
        _ = _desk.Begin(isFull: false, _time.GetElapsedTime(0));
        return _response[.._desk.Serve(query, true, TestServer.From(from), _response)];
    }

    private enum Fate
    {
        Sent,
        Slipped,
        Dropped,
    }
}
