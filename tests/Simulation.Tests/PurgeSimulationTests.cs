using OrleansCdn.Testing;
using Xunit.Abstractions;

namespace OrleansCdn.Simulation.Tests;

/// <summary>
/// Purges over a log, PoPs and edges with everything that can happen to them. A run is its seed: one that fails is
/// repeated with <c>CDN_SIM_SEED=N CDN_SIM_RUNS=1</c>.
/// </summary>
public sealed class PurgeSimulationTests(ITestOutputHelper output)
{
    private const int Runs = 10_000;

    /// <summary>Within which a mistake has to show.</summary>
    private const int CanaryRuns = 2_000;

    private const int FirstSeed = 1;

    [Fact]
    public void What_was_acknowledged_as_purged_is_never_served_and_all_cursors_converge()
    {
        int first = Setting.Number("CDN_SIM_SEED", FirstSeed);
        int runs = Setting.Number("CDN_SIM_RUNS", Runs);
        int kept = 0;
        int served = 0;
        int lostLogs = 0;
        int ahead = 0;
        List<string> broken = [];
        Parallel.For(first, first + runs, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var world = new World(seed, Mutation.None);
            if (Broken(world) is { } problem)
            {
                lock (broken)
                {
                    broken.Add($"seed {seed}: {problem}");
                }

                loop.Stop();
            }

            Interlocked.Add(ref kept, world.Promises.Kept);
            Interlocked.Add(ref served, world.Promises.Served);
            Interlocked.Add(ref lostLogs, world.Epochs - 1);
            Interlocked.Add(ref ahead, world.Ahead);
        });

        output.WriteLine($"{runs} runs from seed {first}: {served} answers, {kept} acknowledgements, {ahead} purges ahead of the log, {lostLogs} logs lost");
        Assert.True(broken.Count == 0, string.Join('\n', broken));

        // Runs in which nothing happens prove nothing.
        Assert.True(served > 50L * runs && kept > 10L * runs && ahead > 10L * runs, $"{served} answers, {kept} acknowledgements and {ahead} purges ahead of the log in {runs} runs");
        Assert.True(runs < 100 || lostLogs > 0);
    }

    [Theory]
    [InlineData(Mutation.DropFillStamp)]
    [InlineData(Mutation.AcknowledgeBeforeFlush)]
    [InlineData(Mutation.IgnoreGap)]
    [InlineData(Mutation.PeersIgnoreCursor)]
    [InlineData(Mutation.AnswerBeforeWrite)]
    [InlineData(Mutation.TrustOldJournal)]
    [InlineData(Mutation.AheadMovesCursor)]
    [InlineData(Mutation.AheadCountsForLog)]
    [InlineData(Mutation.IgnoreCutOff)]
    [InlineData(Mutation.HeartbeatWithoutLog)]
    public void A_mistake_is_found(Mutation mutation)
    {
        for (int seed = FirstSeed; seed < FirstSeed + CanaryRuns; seed++)
        {
            if (Broken(new World(seed, mutation)) is { } problem)
            {
                output.WriteLine($"{mutation}: seed {seed}: {problem}");
                return;
            }
        }

        Assert.Fail($"{mutation} was not found in {CanaryRuns} runs");
    }

    [Fact]
    public void A_seed_is_a_run()
    {
        (int, int, TimeSpan) Run()
        {
            var world = new World(7, Mutation.None);
            world.Run();
            return (world.Promises.Served, world.Promises.Kept, world.Scheduler.Now);
        }

        Assert.Equal(Run(), Run());
    }

    private static string? Broken(World world)
    {
        try
        {
            world.Run();
            return null;
        }
        catch (BrokenPromiseException broken)
        {
            return $"after {world.Scheduler.Now.TotalSeconds:0.000} s {broken.Message}";
        }
    }
}
