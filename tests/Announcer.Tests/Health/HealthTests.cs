using OrleansCdn.Announcer.Health;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public void A_process_one_of_whose_loops_has_not_beaten_for_a_third_of_the_hold_time_is_not_alive()
    {
        var time = new FakeTimeProvider();
        Pulse looks = new(time);
        Pulse decides = new(time);
        Watchdog watchdog = new(looks, decides);
        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.True(watchdog.IsAlive(TimeSpan.FromSeconds(9)));
        looks.Beat();
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(watchdog.IsAlive(TimeSpan.FromSeconds(9)));
        Assert.True(watchdog.IsAlive(TimeSpan.FromSeconds(90)));
        Assert.True(watchdog.IsAlive(TimeSpan.Zero));
        decides.Beat();
        Assert.True(watchdog.IsAlive(TimeSpan.FromSeconds(9)));
        time.Advance(TimeSpan.FromSeconds(2.9));
        decides.Beat();
        Assert.False(watchdog.IsAlive(TimeSpan.FromSeconds(9)));
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
}
