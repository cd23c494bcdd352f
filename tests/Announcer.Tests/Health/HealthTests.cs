using OrleansCdn.Announcer.Health;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public void It_opens_after_answers_in_a_row_and_never_closes()
    {
        var gate = HealthGate.Closed(rise: 3);
        Assert.Contains("0 of 3", gate.HeldBack, StringComparison.Ordinal);
        gate = Step(gate, true, true, false, true, true);
        Assert.False(gate.IsOpen);
        Assert.Contains("2 of 3", gate.HeldBack, StringComparison.Ordinal);
        gate = Step(gate, true);
        Assert.True(gate.IsOpen);
        Assert.Null(gate.HeldBack);
        Assert.Null(gate.Problem);
        gate = Step(gate, [.. Enumerable.Repeat(false, 100)]);
        Assert.True(gate.IsOpen);
        Assert.Null(gate.HeldBack);
        Assert.Contains("failed 100 probes in a row and stays announced: refused", gate.Problem, StringComparison.Ordinal);
        Assert.Null(Step(gate, true).Problem);
    }

    [Fact]
    public void While_it_is_closed_the_failure_is_what_is_told() =>
        Assert.Contains("refused", Step(HealthGate.Closed(3), true, false).HeldBack, StringComparison.Ordinal);

    [Fact]
    public void A_process_that_has_not_beaten_for_a_third_of_the_hold_time_is_not_alive()
    {
        var time = new FakeTimeProvider();
        Watchdog watchdog = new(time);
        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.True(watchdog.IsAlive(TimeSpan.FromSeconds(9)));
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(watchdog.IsAlive(TimeSpan.FromSeconds(9)));
        Assert.True(watchdog.IsAlive(TimeSpan.FromSeconds(90)));
        Assert.True(watchdog.IsAlive(TimeSpan.Zero));
        watchdog.Beat();
        Assert.True(watchdog.IsAlive(TimeSpan.FromSeconds(9)));
    }

    [Fact]
    public async Task A_probe_says_what_came_instead_of_an_answer()
    {
        using var edge = new Running.ProbedEdge();
        using var probe = new EdgeProbe(new Uri(edge.Url), TimeProvider.System);
        Assert.Contains("status 503", (await probe.AskAsync(CancellationToken.None)).Failure, StringComparison.Ordinal);
        edge.IsWell = true;
        Assert.Null((await probe.AskAsync(CancellationToken.None)).Failure);
        edge.Dispose();
        Assert.Contains("refused", (await probe.AskAsync(CancellationToken.None)).Failure, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_probe_that_is_not_answered_ends_by_itself()
    {
        using var mute = RawBgpPeer.Listen();
        using var probe = new EdgeProbe(new Uri($"http://{mute.LocalEndPoint}/"), TimeProvider.System);
        Assert.Contains("did not answer", (await probe.AskAsync(CancellationToken.None)).Failure, StringComparison.Ordinal);
    }

    private static HealthGate Step(HealthGate gate, params bool[] answers) =>
        answers.Aggregate(gate, (g, isGood) => g.Step(isGood ? ProbeOutcome.Answered : new ProbeOutcome("refused")));
}
