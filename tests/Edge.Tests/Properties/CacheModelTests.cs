using OrleansCdn.Testing;
using Xunit.Abstractions;

namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>
/// The real data plane and a naive cache agree over random sequences of requests, origin answers and failures, clock steps,
/// purges and unsafe methods. <c>CDN_MODEL_STEPS</c> sets how many steps, <c>CDN_MODEL_SEED</c> where to begin: to repeat
/// one episode set the seed it was reported with, and 1000 steps.
/// </summary>
public sealed class CacheModelTests(ITestOutputHelper output)
{
    private const int StepsOfEpisode = 1000;

    [Fact]
    public async Task The_cache_does_what_a_naive_model_does()
    {
        int steps = Setting.Number("CDN_MODEL_STEPS", 100_000);
        int first = Setting.Number("CDN_MODEL_SEED", 1);
        var coverage = new Coverage();
        for (int seed = first; seed < first + ((steps + StepsOfEpisode - 1) / StepsOfEpisode); seed++)
        {
            using var world = new World(seed, coverage);
            for (int step = 0; step < StepsOfEpisode; step++)
            {
                try
                {
                    await world.StepAsync().WaitAsync(TimeSpan.FromSeconds(60));
                }
                catch (Exception error)
                {
                    throw new InvalidOperationException($"seed {seed}, step {step}: {error.Message}\n{world.Story}", error);
                }
            }
        }

        output.WriteLine($"seeds from {first}: {coverage}");

        // A run in which the cache stored nothing would agree with everything.
        foreach (string what in new[] { "GET Fresh", "GET Stale", "GET Miss", "GET WhileRevalidating", "HEAD Fresh", "confirmed", "confirmed another", "stood in", "did not stand in", "held" })
        {
            Assert.True(coverage[what] >= steps / 2000, $"hardly any '{what}': {coverage}");
        }
    }
}
