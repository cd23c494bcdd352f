using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Object;

namespace OrleansCdn.Grains.Tests;

public sealed class FillLeaseTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly FillLease _lease = new("test");
    private DateTimeOffset _now = Start;

    [Fact]
    public void The_first_fills_and_the_next_waits_until_it_streams()
    {
        string lease = Fills(Ask(1, "a"));
        Assert.Empty(Ask(2, "b"));

        LeaseAnswer answer = Assert.Single(Report(lease, LeaseOutcome.Streaming));
        Assert.Equal(2, answer.Waiter);
        Assert.Equal(LeaseVerdict.FetchFrom, answer.Reply.Verdict);
        Assert.Equal("a", answer.Reply.Holder!.Edge);
        Assert.Equal(LeaseVerdict.FetchFrom, Assert.Single(Ask(3, "c")).Reply.Verdict);
    }

    [Fact]
    public void A_failed_fill_passes_the_lease_on_to_one_waiter_only()
    {
        string lease = Fills(Ask(1, "a"));
        Ask(2, "b");
        Ask(3, "c");

        LeaseAnswer answer = Assert.Single(Report(lease, LeaseOutcome.Failed));
        Assert.Equal((2L, LeaseVerdict.Fill), (answer.Waiter, answer.Reply.Verdict));
        Assert.Equal(1, _lease.WaiterCount);
    }

    [Fact]
    public void A_fill_that_fails_while_streaming_is_not_named_any_more()
    {
        string lease = Fills(Ask(1, "a"));
        Report(lease, LeaseOutcome.Streaming);
        Report(lease, LeaseOutcome.Failed);
        Fills(Ask(2, "b"));
    }

    [Fact]
    public void Uncacheable_frees_everybody_at_once_and_is_remembered_for_120_s()
    {
        string lease = Fills(Ask(1, "a"));
        Ask(2, "b");
        Ask(3, "c");

        Assert.All(Report(lease, LeaseOutcome.Uncacheable), answer => Assert.Equal(LeaseVerdict.Uncacheable, answer.Reply.Verdict));
        Assert.Equal(0, _lease.WaiterCount);
        _now += TimeSpan.FromSeconds(119);
        Assert.Equal(LeaseVerdict.Uncacheable, Assert.Single(Ask(4, "d")).Reply.Verdict);
        _now += TimeSpan.FromSeconds(1);
        Fills(Ask(5, "d"));
    }

    [Fact]
    public void A_cacheable_result_replaces_the_memory_of_an_uncacheable_one()
    {
        string first = Fills(Ask(1, "a"));
        Report(first, LeaseOutcome.Uncacheable);
        Assert.Equal(LeaseVerdict.Uncacheable, Assert.Single(Ask(2, "b")).Reply.Verdict);

        Report("somebody who went alone", LeaseOutcome.Stored);
        Fills(Ask(3, "b"));
    }

    [Fact]
    public void A_filler_that_says_nothing_is_passed_over_after_the_lease_age()
    {
        string old = Fills(Ask(1, "a"));
        Ask(2, "b", wait: TimeSpan.FromSeconds(15));
        _now += FillLease.LeaseAge - TimeSpan.FromMilliseconds(1);
        Assert.Empty(Tick());
        _now += TimeSpan.FromMilliseconds(1);
        LeaseAnswer answer = Assert.Single(Tick());
        Assert.Equal((2L, LeaseVerdict.Fill), (answer.Waiter, answer.Reply.Verdict));

        Ask(3, "c");
        Assert.Empty(Report(old, LeaseOutcome.Failed));
        Assert.Equal(1, _lease.WaiterCount);
    }

    [Fact]
    public void A_waiter_whose_time_is_over_goes_alone()
    {
        Fills(Ask(1, "a"));
        Ask(2, "b", wait: TimeSpan.FromSeconds(2));
        _now += TimeSpan.FromSeconds(2);
        Assert.Equal(LeaseVerdict.Slow, Assert.Single(Tick()).Reply.Verdict);
    }

    [Fact]
    public void A_holder_is_forgotten_at_the_end_of_its_lifetime_and_when_it_fails_an_asker()
    {
        Report(Fills(Ask(1, "a")), LeaseOutcome.Stored, lifetime: TimeSpan.FromSeconds(30));
        _now += TimeSpan.FromSeconds(29);
        Assert.Equal("a", Assert.Single(Ask(2, "b")).Reply.Holder!.Edge);
        string second = Fills(Ask(3, "b", failedHolder: "a"));
        Report(second, LeaseOutcome.Stored, lifetime: TimeSpan.FromSeconds(30));
        _now += TimeSpan.FromSeconds(30);
        Fills(Ask(4, "c"));
    }

    [Fact]
    public void After_a_purge_the_holders_from_before_it_are_not_tried_one_after_the_other()
    {
        Report(Fills(Ask(1, "a")), LeaseOutcome.Stored);
        Report(Fills(Ask(2, "b", failedHolder: "a")), LeaseOutcome.Stored);
        // b has it, and a stored it again.
        Assert.Equal("b", Assert.Single(Ask(3, "c")).Reply.Holder!.Edge);
        Fills(Ask(4, "c", failedHolder: "pop/b", cursor: 7));
        Assert.Equal(0, _lease.HolderCount);
    }

    [Fact]
    public void An_owner_that_asks_again_gets_a_new_lease_instead_of_waiting_for_itself()
    {
        string first = Fills(Ask(1, "a"));
        Assert.NotEqual(first, Fills(Ask(2, "a")));
    }

    [Fact]
    public void Waiters_and_holders_are_bounded()
    {
        Fills(Ask(1, "a"));
        for (int i = 0; i < FillLease.MaxWaiters; i++)
        {
            Assert.Empty(Ask(10 + i, $"w{i}"));
        }

        Assert.Equal(LeaseVerdict.Slow, Assert.Single(Ask(5, "one-too-many")).Reply.Verdict);
    }

    [Fact]
    public void An_edge_without_a_peer_listener_makes_nobody_wait_for_it()
    {
        string lease = Fills(_lease.Step(new LeaseEvent.Asked(1, Request("a") with { PeerUrl = null }), _now));
        Ask(2, "b");
        Assert.Equal(LeaseVerdict.Slow, Assert.Single(Report(lease, LeaseOutcome.Streaming)).Reply.Verdict);
        Fills(Ask(3, "c"));
    }

    /// <summary>Random histories: every asker is answered exactly once, and no two leases are valid at one time.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20260101)]
    [InlineData(777)]
    public void Random_histories_hold_the_promises(int seed)
    {
        var random = new Random(seed);
        for (int history = 0; history < 400; history++)
        {
            var lease = new FillLease("p");
            DateTimeOffset now = Start;
            long next = 0;
            var waiting = new Dictionary<long, string>();
            var leases = new List<(string Id, string Edge, DateTimeOffset Since, bool Over)>();
            for (int step = 0; step < 120; step++)
            {
                var asked = new Dictionary<long, string>();
                LeaseEvent happened;
                switch (random.Next(8))
                {
                    case 0 or 1 or 2:
                        string edge = $"e{random.Next(6)}";
                        asked.Add(++next, edge);
                        waiting.Add(next, edge);
                        // An owner that asks again gives its lease up.
                        leases = [.. leases.Select(l => l.Edge == edge ? l with { Over = true } : l)];
                        happened = new LeaseEvent.Asked(next, Request(edge) with
                        {
                            Wait = TimeSpan.FromSeconds(random.Next(0, 25)),
                            FailedHolder = random.Next(4) == 0 ? $"e{random.Next(6)}" : null,
                        });
                        break;
                    case 3 or 4 when leases.Count > 0:
                        (string id, string owner, DateTimeOffset since, _) = leases[random.Next(leases.Count)];
                        LeaseOutcome outcome = (LeaseOutcome)random.Next(4);
                        leases = [.. leases.Select(l => l.Id == id ? l with { Over = true } : l)];
                        happened = new LeaseEvent.Reported(new LeaseReport
                        {
                            Key = "k", LeaseId = id, Outcome = outcome, Cursor = PurgeCursor.None, Lifetime = TimeSpan.FromSeconds(random.Next(0, 40)),
                        });
                        break;
                    case 5 when waiting.Count > 0:
                        long gone = waiting.Keys.ElementAt(random.Next(waiting.Count));
                        waiting.Remove(gone);
                        happened = new LeaseEvent.Left(gone);
                        break;
                    default:
                        now += TimeSpan.FromMilliseconds(random.Next(0, 6000));
                        happened = new LeaseEvent.TimePassed();
                        break;
                }

                foreach (LeaseAnswer answer in lease.Step(happened, now))
                {
                    Assert.True(waiting.Remove(answer.Waiter, out string? who), $"seed {seed}, history {history}: {answer.Waiter} was answered twice or never asked");
                    if (answer.Reply.Verdict == LeaseVerdict.Fill)
                    {
                        Assert.DoesNotContain(leases, l => !l.Over && now - l.Since < FillLease.LeaseAge);
                        leases = [.. leases.Select(l => l with { Over = true }), (answer.Reply.LeaseId!, who, now, false)];
                    }
                    else if (answer.Reply.Verdict == LeaseVerdict.FetchFrom)
                    {
                        Assert.NotEqual(who, answer.Reply.Holder!.Edge);
                    }
                }

                Assert.Equal(waiting.Count, lease.WaiterCount);
                Assert.True(lease.HolderCount <= FillLease.MaxHolders);
            }

            // Liveness: time alone frees everybody.
            for (int i = 0; i < 200 && waiting.Count > 0; i++)
            {
                now = lease.NextDeadline ?? now;
                foreach (LeaseAnswer answer in lease.Step(new LeaseEvent.TimePassed(), now))
                {
                    Assert.True(waiting.Remove(answer.Waiter));
                }
            }

            Assert.Empty(waiting);
            lease.Step(new LeaseEvent.TimePassed(), now + FillLease.MaxHolderAge + FillLease.UncacheableAge + FillLease.LeaseAge);
            Assert.True(lease.IsIdle, $"seed {seed}, history {history}");
        }
    }

    private static string Fills(ImmutableArray<LeaseAnswer> answers)
    {
        LeaseReply reply = Assert.Single(answers).Reply;
        Assert.Equal(LeaseVerdict.Fill, reply.Verdict);
        return reply.LeaseId!;
    }

    private static LeaseRequest Request(string edge) => new()
    {
        Key = "pop/k", Pop = "pop", Edge = edge, PeerUrl = $"http://{edge}:1", Wait = TimeSpan.FromSeconds(12), Cursor = new PurgeCursor("e", 0),
    };

    private ImmutableArray<LeaseAnswer> Ask(long id, string edge, TimeSpan? wait = null, string? failedHolder = null, long cursor = 0) =>
        _lease.Step(
            new LeaseEvent.Asked(id, Request(edge) with { Wait = wait ?? TimeSpan.FromSeconds(12), FailedHolder = failedHolder, Cursor = new PurgeCursor("e", cursor) }),
            _now);

    private ImmutableArray<LeaseAnswer> Report(string lease, LeaseOutcome outcome, TimeSpan? lifetime = null) =>
        _lease.Step(
            new LeaseEvent.Reported(new LeaseReport { Key = "pop/k", LeaseId = lease, Outcome = outcome, Cursor = new PurgeCursor("e", 0), Lifetime = lifetime }),
            _now);

    private ImmutableArray<LeaseAnswer> Tick() => _lease.Step(new LeaseEvent.TimePassed(), _now);
}
