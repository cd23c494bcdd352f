using System.Net;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server.Log;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Server;

public sealed class QueryLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestServer _server = new();
    private readonly QueryLog _log;

    public QueryLogTests() => _log = new QueryLog(_time) { SampleBits = 0 };

    [Fact]
    public void An_entry_says_what_was_asked_from_which_network_and_what_became_of_it()
    {
        Write("MAIL." + TestServer.Zone, 28, "198.51.100.77", 90, QueryOutcome.Answered);
        _time.Advance(TimeSpan.FromSeconds(5));
        Write("no." + TestServer.Zone, 65, "2001:db8:aaaa:bbbb::1", 0, QueryOutcome.RateLimited, isTcp: true);

        Assert.Equal(
            [
                new QueryLogEntry
                {
                    Number = 1, Time = _time.GetUtcNow() - TimeSpan.FromSeconds(5), Client = IPNetwork.Parse("198.51.100.0/24"), IsTcp = false,
                    Name = "mail.cdn.example.net.", Type = 28, Rcode = 0, AnswerLength = 90, Outcome = QueryOutcome.Answered,
                },
                new QueryLogEntry
                {
                    Number = 2, Time = _time.GetUtcNow(), Client = IPNetwork.Parse("2001:db8:aaaa::/48"), IsTcp = true,
                    Name = "no.cdn.example.net.", Type = 65, Rcode = 3, AnswerLength = 0, Outcome = QueryOutcome.RateLimited,
                },
            ],
            _log.Read(0, 10).ToArray());
    }

    [Fact]
    public void What_cannot_be_read_as_a_query_is_an_entry_too()
    {
        _server.Raw([0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c]);
        _log.Write(_server.Responder, TestServer.From(), 12, QueryOutcome.Answered);
        QueryLogEntry entry = Assert.Single(_log.Read(0, 10));
        Assert.Equal((".", 0, 1), (entry.Name, entry.Type, entry.Rcode));
    }

    [Fact]
    public void The_ring_keeps_the_last_ones_and_is_read_on_from_a_number()
    {
        for (int i = 0; i < QueryLog.Capacity + 100; i++)
        {
            Write($"n{i}.{TestServer.Zone}", 1, "198.51.100.1", 50, QueryOutcome.Answered);
        }

        Assert.Equal(QueryLog.Capacity, _log.Read(0, int.MaxValue).Length);
        Assert.Equal(101, _log.Read(0, 1)[0].Number);
        Assert.Equal("n100.cdn.example.net.", _log.Read(0, 1)[0].Name);
        Assert.Equal([1000, 1001], _log.Read(999, 2).Select(entry => entry.Number));
        Assert.Empty(_log.Read(QueryLog.Capacity + 100, 10));
        Assert.Empty(_log.Read(long.MaxValue, 10));
    }

    [Theory]
    [InlineData(0, 1_000_000)]
    [InlineData(4, 62_500)]
    [InlineData(10, 977)]
    [InlineData(-1, 0)]
    public void The_sample_is_one_of_so_many(int bits, int wanted)
    {
        _log.SampleBits = bits;
        var chance = new LogChance(12345);
        int chosen = 0;
        for (int i = 0; i < 1_000_000; i++)
        {
            chosen += _log.IsChosen(ref chance) ? 1 : 0;
        }

        Assert.InRange(chosen, wanted * 0.85, wanted * 1.15);
    }

    private void Write(string name, int type, string from, int sent, QueryOutcome outcome, bool isTcp = false)
    {
        _server.Answer(name, type);
        _log.Write(_server.Responder, TestServer.From(from, isTcp), sent, outcome);
    }
}
