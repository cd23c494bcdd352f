using OrleansCdn.Contracts.Api;
using OrleansCdn.Testing;

namespace OrleansCdn.Grains.Tests.Dns;

/// <summary>
/// Whatever a resolver holds at any time validates, while edges are cut off for weeks, silos die, clocks go their way and operators act late.
/// <c>CDN_KEYS_RUNS</c> and <c>CDN_KEYS_SEED</c> let it run longer, or one seed again.
/// </summary>
public sealed class KeyWorldTests
{
    private const int Steps = 3000;

    [Fact]
    public void Whatever_caches_hold_validates_at_every_moment()
    {
        (int rolled, int unsigned) = (0, 0);
        int first = Setting.Number("CDN_KEYS_SEED", 1);
        for (int seed = first; seed < first + Setting.Number("CDN_KEYS_RUNS", 60); seed++)
        {
            var world = new KeyWorld(seed);
            for (int step = 0; step < Steps; step++)
            {
                string? wrong = world.Step();
                Assert.True(wrong is null, $"seed {seed}, step {step}: {wrong}; the keys: {string.Join(", ", world.Row.Keys)}");
            }

            string? after = world.Heal();
            Assert.True(after is null, $"seed {seed}, healing: {after}");
            Assert.True(world.Row.Keys.All(key => key.State == DnsKeyState.Active), $"seed {seed}: keys have not come to rest: {string.Join(", ", world.Row.Keys)}");
            (rolled, unsigned) = (rolled + world.Rolled, unsigned + world.Unsigned);
        }

        // Else nothing was tried.
        Assert.True(rolled > 100 && unsigned > 10, $"{rolled} keys replaced, {unsigned} times unsigned");
    }

    [Theory]
    [InlineData((int)KeyMutation.ForgetsEdges)]
    [InlineData((int)KeyMutation.Hurries)]
    [InlineData((int)KeyMutation.DropsRetiring)]
    [InlineData((int)KeyMutation.SaysTooEarly)]
    [InlineData((int)KeyMutation.AsksTooEarly)]
    [InlineData((int)KeyMutation.UnsignsAtOnce)]
    public void Each_mistake_that_is_built_in_is_found(int mutation)
    {
        for (int seed = 1; seed <= 60; seed++)
        {
            var world = new KeyWorld(seed, (KeyMutation)mutation);
            for (int step = 0; step < Steps; step++)
            {
                if (world.Step() is not null)
                {
                    return;
                }
            }
        }

        Assert.Fail($"no run shows {(KeyMutation)mutation}");
    }
}
