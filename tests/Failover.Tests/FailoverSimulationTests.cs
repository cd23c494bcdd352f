using OrleansCdn.Failover.Tests.Simulation;
using OrleansCdn.Testing;
using Xunit.Abstractions;

namespace OrleansCdn.Failover.Tests;

/// <summary>
/// Announcers, their edges, disks and clocks, silos between them and an operator, with everything that can happen to them. A run is its
/// seed: one that fails is told again, step by step, with <c>CDN_SIM_SEED=N CDN_SIM_RUNS=1</c>.
/// </summary>
public sealed class FailoverSimulationTests(ITestOutputHelper output)
{
    private const int Runs = 20_000;

    /// <summary>Within which a mistake has to show.</summary>
    private const int CanaryRuns = 3_000;

    private const int FirstSeed = 1;

    [Fact]
    public void Whatever_fails_no_decision_empties_the_announced_set_and_what_is_well_comes_back()
    {
        int first = Setting.Number("CDN_SIM_SEED", FirstSeed);
        int runs = Setting.Number("CDN_SIM_RUNS", Runs);
        var totals = new Totals();
        List<string> broken = [];
        Parallel.For(first, first + runs, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var world = new World(seed, Mutation.None, log: runs == 1);
            string? problem = world.Run();
            lock (totals)
            {
                totals.Add(world);
                if (problem is not null)
                {
                    broken.Add($"seed {seed}: {string.Join('\n', [.. world.Lines, problem])}");
                    loop.Stop();
                }
            }
        });

        output.WriteLine($"{runs} runs from seed {first}: {totals}");
        Assert.True(broken.Count == 0, string.Join('\n', broken));

        // Runs in which nothing happens prove nothing.
        Assert.True(runs < 100 || (totals.Pledges > runs && totals.Withdrawals > runs && totals.Rescues > runs / 4), totals.ToString());
    }

    [Theory]
    [InlineData(Mutation.PledgeNotPersisted)]
    [InlineData(Mutation.AnswerBeforeKept)]
    [InlineData(Mutation.PledgeNeverExpires)]
    [InlineData(Mutation.LateGrantsCount)]
    [InlineData(Mutation.NoRescue)]
    [InlineData(Mutation.NoVeto)]
    [InlineData(Mutation.FloorOfOne)]
    [InlineData(Mutation.DnsIgnoresRoutes)]
    [InlineData(Mutation.DnsForgetsDrains)]
    public void A_mistake_is_found(Mutation mutation)
    {
        string? found = null;
        Parallel.For(FirstSeed, FirstSeed + CanaryRuns, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            if (new World(seed, mutation).Run() is { } problem)
            {
                Volatile.Write(ref found, $"seed {seed}: {problem}");
                loop.Stop();
            }
        });

        output.WriteLine($"{mutation}: {found}");
        Assert.True(found is not null, $"{mutation} was not found in {CanaryRuns} runs");
    }

    [Fact]
    public void A_seed_is_a_run()
    {
        static (string?, long, int, int) Run()
        {
            var world = new World(7, Mutation.None);
            return (world.Run(), world.Scheduler.Events, world.Books.Pledges, world.Books.Withdrawals);
        }

        Assert.Equal(Run(), Run());
    }
}
