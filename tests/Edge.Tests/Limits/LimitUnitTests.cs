using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Limits;

namespace OrleansCdn.Edge.Tests.Limits;

/// <summary>Buckets, clients and their table, without sockets.</summary>
public sealed class LimitUnitTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("::c000:201", "192.0.2.1", false)]
    public void Clients_are_IPv4_addresses_and_IPv6_networks(string one, string other, bool same) =>
        Assert.Equal(same, ClientKey.Of(IPAddress.Parse(one)) == ClientKey.Of(IPAddress.Parse(other)));

    [Fact]
    public void A_bucket_gives_its_burst_and_then_its_rate()
    {
        RateState state = default;
        for (int i = 0; i < 5; i++)
        {
            state = state.Take(100, rate: 10, burst: 5, out double wait);
            Assert.Equal(0, wait);
        }

        Assert.Equal(state, state.Take(100, 10, 5, out double missing));
        Assert.Equal(0.1, missing, 6);
        state = state.Take(100.1, 10, 5, out double next);
        Assert.Equal(0, next);
        Assert.False(state.IsFull(100.59));
        Assert.True(state.IsFull(100.61));
    }

    /// <summary>Against a bucket that is counted out in tokens.</summary>
    [Fact]
    public void A_bucket_agrees_with_a_plain_one()
    {
        int seed = new Random().Next();
        var random = new Random(seed);
        for (int run = 0; run < 100; run++)
        {
            int rate = random.Next(1, 50);
            int burst = random.Next(1, 50);
            RateState state = default;
            double tokens = burst;
            double now = 0;
            for (int i = 0; i < 500; i++)
            {
                double pause = random.NextDouble() * 2 / rate;
                now += pause;
                tokens = Math.Min(burst, tokens + (pause * rate));
                state = state.Take(now, rate, burst, out double wait);
                bool isTaken = wait == 0;
                if (Math.Abs(tokens - 1) > 0.01)
                {
                    Assert.True(isTaken == tokens >= 1, $"seed {seed}: {tokens} tokens, wait {wait}");
                }

                tokens -= isTaken ? 1 : 0;
            }
        }
    }

    [Fact]
    public void A_rate_of_one_client_is_not_anothers()
    {
        var gate = new SiteGate(new ClientBudget(100));
        var limits = new LimitsConfig { ClientRate = 2 };
        ClientKey a = new(1, false);
        Assert.Equal(GateVerdict.Admitted, Enter(gate, limits, a, 0));
        Assert.Equal(GateVerdict.Admitted, Enter(gate, limits, a, 0));
        Assert.Equal(GateVerdict.ClientRate, Enter(gate, limits, a, 0));
        Assert.Equal(GateVerdict.Admitted, Enter(gate, limits, new ClientKey(2, false), 0));
        Assert.Equal(GateVerdict.Admitted, Enter(gate, limits, a, 0.5));
    }

    [Fact]
    public void What_is_under_way_is_given_back()
    {
        var gate = new SiteGate(new ClientBudget(100));
        var limits = new LimitsConfig { ClientConcurrency = 1, Concurrency = 2 };
        Assert.Equal(GateVerdict.Admitted, gate.TryEnter(limits, new ClientKey(1, false), 0, out _, out SiteGate.Client? one));
        Assert.Equal(GateVerdict.ClientBusy, gate.TryEnter(limits, new ClientKey(1, false), 0, out double wait, out _));
        Assert.Equal(1, wait);
        Assert.Equal(GateVerdict.Admitted, gate.TryEnter(limits, new ClientKey(2, false), 0, out _, out SiteGate.Client? two));
        Assert.Equal(GateVerdict.SiteBusy, gate.TryEnter(limits, new ClientKey(3, false), 0, out _, out SiteGate.Client? three));
        Assert.Null(three);
        gate.Leave(one, isCounted: true);
        Assert.Equal(GateVerdict.Admitted, gate.TryEnter(limits, new ClientKey(3, false), 0, out _, out three));
        gate.Leave(two, isCounted: true);
        gate.Leave(three, isCounted: true);
        Assert.Equal(0, gate.Running);
    }

    [Fact]
    public void The_table_is_bounded_and_forgets_who_has_gone()
    {
        var gate = new SiteGate(new ClientBudget(1000));
        var limits = new LimitsConfig { ClientRate = 1 };
        for (ulong i = 0; i < 5000; i++)
        {
            // Who comes when there is no room is not held off one by one.
            Assert.Equal(GateVerdict.Admitted, Enter(gate, limits, new ClientKey(i, true), 0));
        }

        Assert.Equal(1000, gate.Clients);
        Assert.Equal(GateVerdict.ClientRate, Enter(gate, limits, new ClientKey(0, true), 0.5));

        // A second later their buckets are full again.
        Assert.Equal(GateVerdict.Admitted, Enter(gate, limits, new ClientKey(9999, true), 2.5));
        Assert.Equal(1, gate.Clients);
        Assert.Equal(GateVerdict.ClientRate, Enter(gate, limits, new ClientKey(9999, true), 2.5));
    }

    [Fact]
    public void A_budget_that_one_site_has_spent_comes_back_when_the_site_goes()
    {
        var budget = new ClientBudget(10);
        var limits = new LimitsConfig { ClientRate = 1 };
        var first = new SiteGate(budget);
        for (ulong i = 0; i < 20; i++)
        {
            Enter(first, limits, new ClientKey(i, true), 0);
        }

        Assert.True(budget.IsSpent);
        first.Close();
        Assert.False(budget.IsSpent);
        Assert.Equal(0, first.Clients);
    }

    [Fact]
    public void A_known_client_costs_no_allocation()
    {
        var gate = new SiteGate(new ClientBudget(8));
        var limits = new LimitsConfig { ClientRate = 1_000_000, ClientConcurrency = 10, Concurrency = 10 };
        long before = 0;
        for (int i = 0; i < 20_000; i++)
        {
            if (i == 10_000)
            {
                GC.Collect(); // takes the rest of the thread's allocation context, which counts as allocated
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            gate.TryEnter(limits, ClientKey.Of(IPAddress.Loopback), i, out _, out SiteGate.Client? client);
            gate.Leave(client, isCounted: true);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000); // less than a byte each
    }

    [Fact]
    public async Task Many_threads_neither_lose_nor_keep_a_count()
    {
        var gate = new SiteGate(new ClientBudget(8));
        var limits = new LimitsConfig { ClientConcurrency = 2, Concurrency = 5 };
        int most = 0;
        int running = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 20_000; i++)
            {
                if (gate.TryEnter(limits, new ClientKey((ulong)random.Next(16), false), i, out _, out SiteGate.Client? client) == GateVerdict.Admitted)
                {
                    int now = Interlocked.Increment(ref running);
                    most = Math.Max(most, now);
                    Interlocked.Decrement(ref running);
                    gate.Leave(client, isCounted: true);
                }
            }
        })));
        Assert.Equal(0, gate.Running);
        Assert.InRange(most, 1, 5);
        Assert.InRange(gate.Clients, 0, 8);
        Assert.Equal(GateVerdict.Admitted, gate.TryEnter(limits, new ClientKey(99, false), 1_000_000, out _, out _));
    }

    private static GateVerdict Enter(SiteGate gate, LimitsConfig limits, ClientKey key, double now)
    {
        GateVerdict verdict = gate.TryEnter(limits, key, now, out _, out SiteGate.Client? client);
        client?.Leave();
        return verdict;
    }
}
