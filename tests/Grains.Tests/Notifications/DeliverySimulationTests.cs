using OrleansCdn.Testing;
using Xunit.Abstractions;

namespace OrleansCdn.Grains.Tests.Notifications;

public sealed class DeliverySimulationTests(ITestOutputHelper output)
{
    /// <summary><c>CDN_WEBHOOK_SEED</c> chooses the first seed, <c>CDN_WEBHOOK_RUNS</c> how many.</summary>
    [Fact]
    public void Whatever_crashes_or_gets_lost_each_event_is_delivered_in_order_or_counted_as_missed()
    {
        int first = Setting.Number("CDN_WEBHOOK_SEED", 1);
        int runs = Setting.Number("CDN_WEBHOOK_RUNS", 100);
        int missing = 0, crashes = 0, repeats = 0;
        for (int seed = first; seed < first + runs; seed++)
        {
            var simulation = new DeliverySimulation(seed);
            try
            {
                simulation.Run();
                long[] never = [.. simulation.Wanted.Where(id => !simulation.Received.Contains(id))];
                Assert.All(never, id => Assert.True(id <= simulation.Row.Cursor, $"{id} is still to come"));
                Assert.True(never.Length <= simulation.Row.Missed, $"{never.Length} were never delivered, {simulation.Row.Missed} are counted");
                Assert.True(simulation.ToldMissed >= never.Length, $"{never.Length} were never delivered, the receiver was told of {simulation.ToldMissed}");
                Assert.Null(simulation.Row.Open);
                Assert.Equal(0, simulation.Row.Untold);
                (missing, crashes, repeats) = (missing + never.Length, crashes + simulation.Crashes, repeats + simulation.Repeats);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"CDN_WEBHOOK_SEED={seed} CDN_WEBHOOK_RUNS=1 repeats this run", error);
            }
        }

        output.WriteLine($"{runs} runs from seed {first}: {crashes} crashes, {repeats} repeated deliveries, {missing} events forgotten by the log");
        Assert.True(runs < 50 || (missing > 0 && crashes > runs && repeats > runs), "the runs are too easy to show anything");
    }
}
