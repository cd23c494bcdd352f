using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Cache;

public sealed class SearchVarianceTests
{
    private static SearchVariance Of(string field) => SearchVariance.Parse(field) ?? throw new ArgumentException($"'{field}' is the default");

    [Theory]
    [InlineData("")]
    [InlineData("unknown-key")]
    [InlineData("key-order=?0")]
    [InlineData("key-order=\"not a boolean\"")]
    [InlineData("key-order=1")]
    [InlineData("params=?0")]
    [InlineData("params=()")]
    [InlineData("params=\"a\"")]
    [InlineData("params=(a)")]
    [InlineData("params=(\"a\" 1)")]
    [InlineData("params=(\"a\"), except=(\"x\")")]
    [InlineData("params=(), except=()")]
    [InlineData("params=?0, except=(\"x\")")]
    [InlineData("params, except=(x)")]
    [InlineData("params, except=\"x\"")]
    [InlineData("params, except")]
    [InlineData("except=(\"x\")")]
    [InlineData("key-order, except=()")]
    [InlineData("key-order,")]
    [InlineData("Params")]
    public void What_says_nothing_or_nothing_valid_leaves_the_whole_query(string field) => Assert.Null(SearchVariance.Parse(field));

    [Fact]
    public void A_field_that_is_absent_or_very_long_leaves_the_whole_query()
    {
        Assert.Null(SearchVariance.Parse(default));
        Assert.Null(SearchVariance.Parse($"params=(\"{new string('a', 1024)}\")"));
    }

    [Theory]
    [InlineData("params=(\"utm\")", "/a?x=1&utm=5&y=2", "/a?x=1&y=2")]
    [InlineData("params=(\"utm\")", "/a?utm=5", "/a")]
    [InlineData("params=(\"utm\")", "/a?%75tm=5&UTM=1", "/a?UTM=1")]
    [InlineData("params=(\"utm\")", "/a?utm&utmx&=utm", "/a?utmx&=utm")]
    [InlineData("params=(\"a b\")", "/a?a+b=1&a%20b=2&ab=3", "/a?ab=3")]
    [InlineData("params=(\"%C3%A9+%E6%B0%97\")", "/a?%C3%A9%20%e6%b0%97=1", "/a")]
    [InlineData("params", "/a?x=1&y", "/a")]
    [InlineData("params;q=1, new=3", "/a?x=1", "/a")]
    [InlineData("params=?1, except=(\"id\")", "/a?x=1&id=4&id=%33", "/a?id=4&id=%33")]
    [InlineData("params=(\"x\"), params=(\"y\")", "/a?x=1&y=2", "/a?x=1")]
    [InlineData("key-order", "/a?b=2&a=1&b=1&a", "/a?a=1&a&b=2&b=1")]
    [InlineData("key-order, params=(\"b\")", "/a?c&b=2&a=1", "/a?a=1&c")]
    [InlineData("key-order", "/a?&&x=%2f&", "/a?x=%2f")]
    [InlineData("key-order", "/a?", "/a")]
    [InlineData("key-order", "/a", "/a")]
    [InlineData("params", "/a?x?y", "/a")]
    public void What_does_not_count_goes_and_the_rest_stays_as_it_is(string field, string target, string simple)
    {
        SearchVariance variance = Of(field);
        Assert.Equal(simple, variance.Simplify(target));
        Assert.Same(simple, variance.Simplify(simple));
        Assert.True(variance.AreEquivalent(target, simple));
    }

    [Theory]
    [InlineData("/", "/?", true)]
    [InlineData("/?a=x", "/?%61=%78", true)]
    [InlineData("/?a=%f6", "/?a=%ef%bf%bd", true)]
    [InlineData("/?a=x&&&&", "/?a=x", true)]
    [InlineData("/?a=", "/?a", true)]
    [InlineData("/?a=%20", "/?a=+", true)]
    [InlineData("/?a=%2", "/?a=%252", true)]
    [InlineData("/?a=1&b=2", "/?b=2&a=1", true)]
    [InlineData("/?a=1&a=2", "/?a=2&a=1", false)]
    [InlineData("/?a=1", "/?a=1&a=1", false)]
    [InlineData("/?a=1", "/?A=1", false)]
    [InlineData("/a?x", "/b?x", false)]
    [InlineData("/a?x", "/%61?x", false)]
    [InlineData("http://h/?a=1", "https://h/?a=1", false)]
    [InlineData("/?a=b=c", "/?a=b%3Dc", true)]
    public void Urls_are_compared_as_forms_are_read(string a, string b, bool expected)
    {
        SearchVariance variance = Of("key-order");
        Assert.Equal(expected, variance.AreEquivalent(a, b));
        Assert.Equal(expected, variance.AreEquivalent(b, a));
    }

    [Fact]
    public void A_query_of_very_many_parameters_is_its_own()
    {
        SearchVariance variance = Of("params");
        string many = "/a?" + string.Join('&', Enumerable.Range(0, 300));
        Assert.Same(many, variance.Simplify(many));
        Assert.False(variance.AreEquivalent(many, "/a"));
        Assert.True(variance.AreEquivalent(many, many));
    }

    [Fact]
    public void Any_query_and_its_simple_form_are_one_and_the_simple_form_is_stable()
    {
        int seed = new Random().Next();
        var random = new Random(seed);
        string[] fields = ["params", "key-order", "params=(\"a\" \"b\")", "key-order, params, except=(\"a\" \"=\")", "params, except=(\"%\")"];
        for (int round = 0; round < 5000; round++)
        {
            SearchVariance variance = Of(fields[random.Next(fields.Length)]);
            string target = "/p?" + new string(Enumerable.Range(0, random.Next(24)).Select(_ => "ab=&%6+?1"[random.Next(9)]).ToArray());
            string simple = variance.Simplify(target);
            Assert.True(simple == variance.Simplify(simple) && variance.AreEquivalent(target, simple), $"seed {seed}: {target} → {simple}");
        }
    }
}
