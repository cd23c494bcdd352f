using OrleansCdn.Grains.Prewarm;

namespace OrleansCdn.Grains.Tests;

public sealed class PrewarmPaceTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(56);

    private static int TakeIn(PrewarmPace pace, DateTimeOffset from, double seconds, Action<DateTimeOffset>? taken = null)
    {
        int count = 0;
        for (DateTimeOffset now = from; now < from.AddSeconds(seconds); now = now.AddMilliseconds(5))
        {
            while (pace.TryTake(now))
            {
                count++;
                taken?.Invoke(now);
            }
        }

        return count;
    }

    [Fact]
    public void As_many_requests_as_were_asked_for() => Assert.InRange(TakeIn(new PrewarmPace(40, null, Start), Start, 10), 390, 412);

    [Fact]
    public void Bytes_are_paid_for_after_they_came() =>
        Assert.InRange(Bytes(), 9, 13);

    /// <summary>Answers of 10,000 bytes at 10,000 bytes a second, for ten seconds.</summary>
    private static int Bytes()
    {
        var pace = new PrewarmPace(1000, 10_000, Start);
        return TakeIn(pace, Start, 10, now => pace.Observe(0, 10_000, 5, false, now));
    }

    [Fact]
    public void What_was_fresh_already_costs_nothing()
    {
        var pace = new PrewarmPace(1, null, Start);
        Assert.True(pace.TryTake(Start));
        Assert.False(pace.TryTake(Start));
        pace.Observe(-1, 0, null, false, Start);
        Assert.True(pace.TryTake(Start));
    }

    [Fact]
    public void A_slow_origin_halves_the_pace_and_a_quick_one_gives_it_back()
    {
        var pace = new PrewarmPace(100, null, Start);
        Answer(pace, PrewarmPace.Sample, 10, Start);
        Assert.Equal(100, pace.Rate);
        Answer(pace, PrewarmPace.Sample, 10 + (2 * PrewarmPace.SlowSlack), Start.AddSeconds(5));
        Assert.Equal(50, pace.Rate);
        Answer(pace, PrewarmPace.Sample, 10 + (2 * PrewarmPace.SlowSlack), Start.AddSeconds(5.5));
        Assert.Equal(50, pace.Rate);
        Answer(pace, PrewarmPace.Sample, 10, Start.AddSeconds(15));
        Assert.InRange(pace.Rate, 60, 80);
        Answer(pace, 1, 10, Start.AddSeconds(100));
        Assert.Equal(100, pace.Rate);
    }

    [Fact]
    public void Failures_halve_the_pace_down_to_a_trickle()
    {
        var pace = new PrewarmPace(64, null, Start);
        for (int i = 0; i < 20; i++)
        {
            foreach (int _ in Enumerable.Range(0, 3))
            {
                pace.Observe(0, 0, 1, isTrouble: true, Start.AddSeconds(2.5 * i));
            }
        }

        Assert.InRange(pace.Rate, 1, 4);
    }

    private static void Answer(PrewarmPace pace, int count, double milliseconds, DateTimeOffset now)
    {
        for (int i = 0; i < count; i++)
        {
            pace.Observe(0, 0, milliseconds, false, now);
        }
    }
}
