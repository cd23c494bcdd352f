using System.Diagnostics;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Origin;

/// <summary>The circuit of one origin, driven event by event.</summary>
public sealed class OriginCircuitTests
{
    private const double NoJitter = 1;
    private static readonly CircuitRules Rules = new(TripAfter: 3, BackOff: 1, MaxBackOff: 8);

    [Fact]
    public void It_trips_after_so_many_failures_in_a_row()
    {
        CircuitState state = default;
        state = Failed(Failed(state, 0), 0);
        state = state.Step(CircuitEvent.Succeeded, 0, Rules, NoJitter);
        state = Failed(Failed(state, 0), 0);
        Assert.Equal(CircuitPhase.Closed, state.Phase);
        state = Failed(state, 5);
        Assert.Equal(new CircuitState(CircuitPhase.Open, 0, 1, 6), state);
    }

    [Fact]
    public void Each_failed_trial_doubles_the_back_off_up_to_the_longest()
    {
        CircuitState state = Tripped(0);
        foreach (double expected in new double[] { 2, 4, 8, 8, 8 })
        {
            double now = state.Until;
            state = Failed(Began(state, now), now);
            Assert.Equal(expected, state.Until - now);
        }
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(0.5, 0.75)]
    [InlineData(1, 1)]
    public void Jitter_draws_from_the_upper_half_of_the_step(double jitter, double expected)
    {
        CircuitState state = Failed(Failed(default, 0), 0).Step(CircuitEvent.Failed, 10, Rules, jitter);
        Assert.Equal(expected, state.Until - 10);
    }

    [Fact]
    public void One_success_closes_it_whatever_it_was()
    {
        CircuitState open = Tripped(0);
        Assert.Equal(default, open.Step(CircuitEvent.Succeeded, 0.1, Rules, NoJitter));
        Assert.Equal(default, Began(open, 1).Step(CircuitEvent.Succeeded, 1.1, Rules, NoJitter));
    }

    [Fact]
    public void A_trial_is_due_when_the_back_off_has_passed_and_only_one_begins()
    {
        CircuitState open = Tripped(0);
        Assert.False(open.IsTrialDue(0.99));
        Assert.True(open.IsTrialDue(1));
        CircuitState trial = Began(open, 1);
        Assert.False(trial.IsTrialDue(1));
        Assert.True(trial.IsTrialDue(1 + CircuitState.TrialLimit));
        Assert.Throws<UnreachableException>(() => Began(trial, 2));
        Assert.Throws<UnreachableException>(() => Began(default, 2));
    }

    [Fact]
    public void A_trial_that_tells_nothing_leaves_the_next_one_to_try()
    {
        CircuitState state = Began(Tripped(0), 1).Step(CircuitEvent.Abandoned, 3, Rules, NoJitter);
        Assert.Equal(CircuitPhase.Open, state.Phase);
        Assert.True(state.IsTrialDue(3));
        Assert.Equal(1, state.Trips);
    }

    [Fact]
    public void Failures_of_requests_that_began_before_do_not_prolong_the_back_off()
    {
        CircuitState open = Tripped(0);
        Assert.Equal(open, Failed(open, 0.5));
    }

    /// <summary>
    /// An origin that goes up and down under traffic at random. Safety: while it is down it is asked once a back-off, not more.
    /// Liveness: when it stays up, it is back within the longest back-off.
    /// </summary>
    [Fact]
    public void A_random_life_stays_within_its_bounds_and_ends_healthy()
    {
        int seed = new Random().Next();
        var random = new Random(seed);
        for (int life = 0; life < 200; life++)
        {
            var rules = new CircuitRules(random.Next(1, 6), 0.1 + random.NextDouble(), 2 + (random.NextDouble() * 10));
            CircuitState state = default;
            double now = 0;
            bool isUp = true;
            double lastTrial = double.NegativeInfinity;
            for (int step = 0; step < 500; step++)
            {
                now += random.NextDouble() * 0.2;
                isUp ^= random.Next(50) == 0;
                state = Ask(state, now, rules, isUp, random, ref lastTrial, seed);
            }

            double healed = now;
            while (state.Phase != CircuitPhase.Closed)
            {
                now += 0.05;
                state = Ask(state, now, rules, isUp: true, random, ref lastTrial, seed);
                Assert.True(now - healed <= Math.Max(rules.MaxBackOff, CircuitState.TrialLimit) + 1, $"seed {seed}: not back after {now - healed} s");
            }
        }
    }

    private static CircuitState Ask(
        CircuitState state, double now, CircuitRules rules, bool isUp, Random random, ref double lastTrial, int seed)
    {
        bool isTrial = state.IsTrialDue(now);
        if (isTrial)
        {
            // Back-offs are at least half of the first step, unless the last trial told nothing.
            state = state.Step(CircuitEvent.TrialBegan, now, rules, random.NextDouble());
            Assert.False(state.IsTrialDue(now), $"seed {seed}: two trials at one time");
            if (!isUp)
            {
                Assert.True(now - lastTrial >= rules.BackOff / 2, $"seed {seed}: trials {now - lastTrial} s apart");
                lastTrial = now;
            }
        }
        else if (state.Phase != CircuitPhase.Closed && random.Next(10) > 0)
        {
            return state;
        }

        CircuitState next = state.Step(isUp ? CircuitEvent.Succeeded : CircuitEvent.Failed, now, rules, random.NextDouble());
        Assert.True(next.Phase != CircuitPhase.Closed || next.Failures < rules.TripAfter, $"seed {seed}: {next}");
        Assert.True(next.Until - now <= rules.MaxBackOff || next.Phase == CircuitPhase.Trial, $"seed {seed}: {next}");
        Assert.True(!isUp || next.Phase == CircuitPhase.Closed, $"seed {seed}: {next}");
        return next;
    }

    private static CircuitState Tripped(double now) => Failed(Failed(Failed(default, now), now), now);

    private static CircuitState Failed(CircuitState state, double now) => state.Step(CircuitEvent.Failed, now, Rules, NoJitter);

    private static CircuitState Began(CircuitState state, double now) => state.Step(CircuitEvent.TrialBegan, now, Rules, NoJitter);
}
