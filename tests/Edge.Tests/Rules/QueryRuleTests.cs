using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Rules;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Rules;

public sealed class QueryRuleTests
{
    [Theory]
    [InlineData(QueryHandling.Keep, false, "/x?b=2&a=1&&", "/x?b=2&a=1&&")]
    [InlineData(QueryHandling.Keep, true, "/x?b=2&a=1", "/x?a=1&b=2")]
    [InlineData(QueryHandling.Keep, true, "/x?b=2&a=2&b=1&a=1", "/x?a=2&a=1&b=2&b=1")]
    [InlineData(QueryHandling.Keep, true, "/x?a&a=1&ab", "/x?a&a=1&ab")]
    [InlineData(QueryHandling.Keep, true, "/x?&b&&a&", "/x?a&b")]
    [InlineData(QueryHandling.Ignore, false, "/x?b=2", "/x")]
    [InlineData(QueryHandling.Ignore, false, "/x?", "/x")]
    [InlineData(QueryHandling.Ignore, false, "/x", "/x")]
    [InlineData(QueryHandling.Drop, false, "/x?utm_source=1&b=2&utm_=3", "/x?b=2")]
    [InlineData(QueryHandling.Drop, false, "/x?utm_source=1", "/x")]
    [InlineData(QueryHandling.Drop, false, "/x?b=?utm_source=1&gclid&gclid=2&gclidx", "/x?b=?utm_source=1&gclidx")]
    [InlineData(QueryHandling.Drop, false, "/x?%75tm_source=1&UTM_source=2", "/x?%75tm_source=1&UTM_source=2")]
    [InlineData(QueryHandling.Drop, false, "/x?utm_content=x;callback=evil&a=1", "/x?a=1")]
    [InlineData(QueryHandling.Drop, true, "/x?c=3&utm_a=1&b=2", "/x?b=2&c=3")]
    [InlineData(QueryHandling.Only, false, "/x?c=3&gclid=1&b=2", "/x?gclid=1")]
    [InlineData(QueryHandling.Only, false, "/x?c=3&b=2", "/x")]
    public void What_stays_of_a_query(QueryHandling handling, bool isSorted, string target, string expected) =>
        Assert.Equal(expected, new QueryRule(handling, ["utm_*", "gclid"], isSorted).Apply(target));

    [Fact]
    public void A_target_that_stays_as_it_is_costs_no_memory()
    {
        var rule = new QueryRule(QueryHandling.Drop, ["utm_*"], isSorted: true);
        string target = "/x?a=1&b=2";
        Assert.Same(target, rule.Apply(target));
        Assert.Equal(0, Allocations.Of(() => rule.Apply(target)));
    }

    /// <summary>Another edge applies the rule to what this one forwards: the key must be the same there.</summary>
    [Fact]
    public void Twice_is_the_same_as_once()
    {
        const int Seed = 20261124;
        var random = new Random(Seed);
        const string Letters = "ab=&u?%;";
        for (int i = 0; i < 20_000; i++)
        {
            string target = "/x?" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Letters[random.Next(Letters.Length)]));
            var rule = new QueryRule((QueryHandling)random.Next(4), ["a*", "u", "b"], random.Next(2) == 0);
            string once = rule.Apply(target);
            Assert.True(rule.Apply(once) == once, $"seed {Seed}: {target} -> {once} -> {rule.Apply(once)}");
        }
    }
}
