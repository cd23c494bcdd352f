using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Failover;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Health;

/// <summary>What is asked when, on a clock that the test moves by a beat at a time.</summary>
public sealed class HealthLoopTests : IDisposable
{
    private static readonly ProbeTarget Http = new("http", new Uri("http://192.0.2.1/"), IPEndPoint.Parse("192.0.2.1:80"), null);

    private readonly FakeTimeProvider _time = new();
    private readonly FailoverInbox _inbox = new();
    private readonly List<string> _asked = [];
    private readonly Dictionary<string, Func<Task<ProbeFinding>>> _answers = [];
    private Func<Task<LocalAnswer>> _edge = () => Task.FromResult(Local("0.0.0.0:80"));
    private HealthLoop? _loop;
    private int _disposed;

    public void Dispose() => _loop?.Dispose();

    [Fact]
    public async Task The_edge_says_where_it_listens_and_is_probed_there()
    {
        await StartAsync();
        await BeatsAsync(8);
        Assert.Equal(["0 ms edge", "250 ms http 127.0.0.1:80", "750 ms edge", "1250 ms http 127.0.0.1:80", "1750 ms edge"], _asked);
        List<HealthRound> rounds = Rounds();
        Assert.NotEmpty(rounds);
        Assert.All(rounds, round => Assert.Null(round.Hard));
        Assert.Equal(["http", "edge-admin"], rounds[0].Checks.Select(check => check.Check));
    }

    [Fact]
    public async Task What_is_given_is_probed_whatever_the_edge_says()
    {
        await StartAsync(Http);
        await BeatsAsync(8);
        Assert.All(_asked.Where(line => line.Contains("http", StringComparison.Ordinal)), line => Assert.EndsWith("192.0.2.1:80", line, StringComparison.Ordinal));
    }

    /// <summary>An edge that starts anew has no addresses yet, and one that hangs says nothing: both are probed where they were.</summary>
    [Fact]
    public async Task An_edge_that_says_nothing_is_probed_where_it_was()
    {
        await StartAsync();
        await BeatsAsync(4);
        _edge = () => Task.FromResult(new LocalAnswer(null, "refused"));
        await BeatsAsync(8);
        _edge = () => Task.FromResult(new LocalAnswer(new EdgeLocal { Pop = "waw", Edge = "waw1", Connections = 0, Addresses = new EdgeAddresses() }, "starts"));
        await BeatsAsync(8);
        Assert.EndsWith("http 127.0.0.1:80", _asked.Last(line => !line.EndsWith("edge", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(0, _disposed);
        _edge = () => Task.FromResult(Local("127.0.0.1:8080"));
        await BeatsAsync(8);
        Assert.EndsWith("http 127.0.0.1:8080", _asked.Last(line => !line.EndsWith("edge", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(1, _disposed);
    }

    [Fact]
    public async Task Before_anything_is_known_the_silence_of_the_edge_counts()
    {
        _edge = () => Task.FromResult(new LocalAnswer(null, "http://127.0.0.1:9180/local: refused"));
        await StartAsync();
        await BeatsAsync(8);
        Assert.All(Rounds(), round => Assert.Equal(new CheckFailure("edge", "where the edge listens is not known: http://127.0.0.1:9180/local: refused"), round.Hard));
    }

    /// <summary>A probe that hangs holds up neither the beat nor the others, and is not asked twice.</summary>
    [Fact]
    public async Task A_slow_answer_is_waited_for_by_no_one()
    {
        TaskCompletionSource<ProbeFinding> slow = new();
        _answers["192.0.2.1:80"] = () => slow.Task;
        Pulse pulse = await StartAsync(Http);
        await BeatsAsync(7);
        Assert.Empty(Rounds());
        Assert.Single(_asked, line => line.EndsWith(":80", StringComparison.Ordinal));
        Assert.Equal(TimeSpan.Zero, pulse.Age);
        slow.SetResult(new ProbeFinding(false, "no answer within 2 s"));
        await BeatsAsync(1);
        HealthRound round = Assert.Single(Rounds());
        Assert.Equal(new CheckFailure("http", "no answer within 2 s"), round.Hard);
    }

    [Fact]
    public async Task A_server_without_proof_is_well_with_each_beat()
    {
        await StartAsync(new HealthSources { Given = [], NeedsProof = false, NewProbe = _ => throw new NotSupportedException() });
        await BeatsAsync(3);
        Assert.InRange(Rounds().Count, 3, 4);
        Assert.Empty(_asked);
    }

    /// <summary>It may have an edge all the same: its visitors are counted, and nothing is probed.</summary>
    [Fact]
    public async Task Without_proof_an_edge_is_still_asked_how_it_is()
    {
        await StartAsync(Sources([]) with { NeedsProof = false });
        await BeatsAsync(8);
        Assert.All(_asked, line => Assert.EndsWith("edge", line, StringComparison.Ordinal));
        HealthRound round = Rounds()[^1];
        Assert.Equal((null, 7), (round.Hard, round.Connections));
    }

    private static LocalAnswer Local(string http) => new(
        new EdgeLocal { Pop = "waw", Edge = "waw1", Connections = 7, Addresses = new EdgeAddresses { Http = http, Admin = "http://127.0.0.1:9180" } }, "answers");

    private Task<Pulse> StartAsync(params ImmutableArray<ProbeTarget> given) => StartAsync(Sources(given));

    private HealthSources Sources(ImmutableArray<ProbeTarget> given) => new()
    {
        Given = given,
        NeedsProof = true,
        NewProbe = target => new FakeProbe(this, target),
        AskEdge = _ =>
        {
            Note("edge");
            return _edge();
        },
    };

    private async Task<Pulse> StartAsync(HealthSources sources)
    {
        Pulse pulse = new(_time);
        _loop = new HealthLoop(pulse, sources, _inbox, _time, NullLogger.Instance);
        await _loop.BeatAsync(CancellationToken.None);
        return pulse;
    }

    private async Task BeatsAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _time.Advance(HealthLoop.BeatInterval);
            await _loop!.BeatAsync(CancellationToken.None);
        }
    }

    private List<HealthRound> Rounds()
    {
        List<HealthRound> rounds = [];
        while (_inbox.Reader.TryRead(out FailoverInput input))
        {
            rounds.Add(input.Health!);
        }

        return rounds;
    }

    private void Note(string what) => _asked.Add($"{_time.GetElapsedTime(0).TotalMilliseconds:0} ms {what}");

    private sealed class FakeProbe(HealthLoopTests test, ProbeTarget target) : IProbe
    {
        public ProbeTarget Target => target;

        public Task<ProbeFinding> AskAsync(CancellationToken cancellationToken)
        {
            test.Note($"{target.Check} {target.At}");
            return test._answers.TryGetValue($"{target.At}", out Func<Task<ProbeFinding>>? answer) ? answer() : Task.FromResult(new ProbeFinding(true, "answered"));
        }

        public void Dispose() => test._disposed++;
    }
}
