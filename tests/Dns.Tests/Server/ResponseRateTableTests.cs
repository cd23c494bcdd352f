using OrleansCdn.Dns.Server.Limiting;

namespace OrleansCdn.Dns.Tests.Server;

public sealed class ResponseRateTableTests
{
    private static readonly RateLimitSettings Settings = new() { ResponsesPerSecond = 10, Window = 2, Slip = 2 };
    private readonly ResponseRateTable _table = new();

    [Fact]
    public void A_full_window_goes_out_at_once_then_the_rate()
    {
        TimeSpan now = TimeSpan.FromDays(3);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(RateVerdict.Send, _table.Take(1, Settings, now));
        }

        Assert.NotEqual(RateVerdict.Send, _table.Take(1, Settings, now));
        Assert.Equal(RateVerdict.Send, _table.Take(2UL << 50, Settings, now)); // Another one's.
        now += TimeSpan.FromMilliseconds(99);
        Assert.NotEqual(RateVerdict.Send, _table.Take(1, Settings, now));
        now += TimeSpan.FromMilliseconds(1);
        Assert.Equal(RateVerdict.Send, _table.Take(1, Settings, now));
        Assert.NotEqual(RateVerdict.Send, _table.Take(1, Settings, now));
    }

    [Theory]
    [InlineData(0, "DDDDDDDDDDDD")]
    [InlineData(1, "SSSSSSSSSSSS")]
    [InlineData(2, "DSDSDSDSDSDS")]
    [InlineData(3, "DDSDDSDDSDDS")]
    public void Some_of_what_is_over_the_limit_slips(int slip, string wanted)
    {
        RateLimitSettings settings = Settings with { Slip = slip, Window = 1 };
        for (int i = 0; i < settings.ResponsesPerSecond; i++)
        {
            Assert.Equal(RateVerdict.Send, _table.Take(1, settings, TimeSpan.Zero));
        }

        Assert.Equal(wanted, string.Concat(wanted.Select(_ => _table.Take(1, settings, TimeSpan.Zero) == RateVerdict.Slip ? 'S' : 'D')));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 15)]
    [InlineData(1000, 1)]
    [InlineData(10_000, 3600)]
    public void In_the_long_run_the_rate_is_what_is_set(int rate, int window)
    {
        RateLimitSettings settings = new() { ResponsesPerSecond = rate, Window = window };
        const int Seconds = 20;
        long sent = 0;
        long steps = (long)rate * 4 * Seconds;
        for (int i = 0; i < rate * window; i++)
        {
            _table.Take(9, settings, TimeSpan.Zero);
        }

        for (long step = 1; step <= steps; step++)
        {
            sent += _table.Take(9, settings, TimeSpan.FromSeconds(step / (4.0 * rate))) == RateVerdict.Send ? 1 : 0;
        }

        // Rates that a second cannot be divided by are rounded to whole units of time.
        Assert.InRange(sent, (rate * Seconds) - 1, (long)(rate * Seconds * 1.02) + 1);
    }

    [Fact]
    public void A_slot_whose_bucket_is_full_is_free_and_a_flood_of_others_evicts_the_least_indebted()
    {
        TimeSpan now = TimeSpan.FromSeconds(100);
        for (int i = 0; i < 40; i++)
        {
            _table.Take(1, Settings, now);
        }

        // Sixteen others in the same set of eight slots, each asking once: their debts are smaller.
        const ulong SameSet = 1UL << 45;
        for (ulong other = 1; other <= 16; other++)
        {
            Assert.Equal(RateVerdict.Send, _table.Take(1 + (other * SameSet), Settings, now));
        }

        Assert.NotEqual(RateVerdict.Send, _table.Take(1, Settings, now));
    }

    [Fact]
    public void The_clock_may_go_round()
    {
        const ulong Hash = 0xabcdef0123456789;
        TimeSpan round = TimeSpan.FromMicroseconds(10.0 * (1L << 36));
        TimeSpan now = round - TimeSpan.FromMilliseconds(100);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(RateVerdict.Send, _table.Take(Hash, Settings, now));
        }

        now += TimeSpan.FromMilliseconds(150);
        Assert.Equal(RateVerdict.Send, _table.Take(Hash, Settings, now));
        Assert.NotEqual(RateVerdict.Send, _table.Take(Hash, Settings, now));

        // Half of the clock later nothing of it is left.
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(RateVerdict.Send, _table.Take(Hash, Settings, now + (round / 2)));
        }
    }
}
