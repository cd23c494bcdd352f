using OrleansCdn.Edge.Dns;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Dns;

public sealed class ExplainBudgetTests
{
    [Fact]
    public void Each_second_has_its_own_and_what_is_left_is_not_kept()
    {
        FakeTimeProvider time = new();
        ExplainBudget budget = new(time);
        Assert.Equal(ExplainBudget.PerSecond, Taken(budget));
        time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(0, Taken(budget));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(ExplainBudget.PerSecond, Taken(budget));
    }

    private static int Taken(ExplainBudget budget) => Enumerable.Range(0, 3 * ExplainBudget.PerSecond).Count(_ => budget.TryTake());
}
