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
}
