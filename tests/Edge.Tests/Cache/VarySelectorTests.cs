using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Cache;

public sealed class VarySelectorTests
{
    private static HeaderDictionary Request(string name, params string[] lines) => new() { [name] = lines };

    [Theory]
    [InlineData("Foo", "1, 2", "1,2", true)]
    [InlineData("Foo", "1, 2", " 1 ,  2 ", true)]
    [InlineData("Foo", "1, 2", "2, 1", false)]
    [InlineData("Foo", "\"1, 2\"", "\"1,2\"", false)]
    [InlineData("Foo", "a", "A", false)]
    [InlineData("Accept-Language", "en, de", "DE , en", true)]
    [InlineData("Accept-Language", "en, de;q=0.5", "de; q=0.5,en", true)]
    [InlineData("Accept-Language", "en, de;q=0.5", "de, en;q=0.5", false)]
    public void Spellings_that_mean_the_same_select_the_same(string name, string stored, string asked, bool expected)
    {
        var selector = VarySelector.Of([name.ToLowerInvariant()], Request(name, stored));
        Assert.Equal(expected, selector.Matches(Request(name, asked)));
        Assert.True(selector.Matches(Request(name, stored)));
    }

    [Fact]
    public void Several_lines_are_one_list()
    {
        var selector = VarySelector.Of(["foo"], Request("Foo", "1, 2"));
        Assert.True(selector.Matches(Request("Foo", "1", "2")));
        Assert.False(selector.Matches(Request("Foo", "1", "3")));
    }

    [Fact]
    public void An_absent_field_is_not_an_empty_one()
    {
        var absent = VarySelector.Of(["foo"], new HeaderDictionary());
        Assert.True(absent.Matches(new HeaderDictionary()));
        Assert.False(absent.Matches(Request("Foo", "")));
    }

    [Theory]
    [InlineData("fr;q=0.5, de;q=1.0", true)]
    [InlineData("de", true)]
    [InlineData("de, fr", false)]
    [InlineData("fr, de;q=0.9", false)]
    [InlineData("de;q=0", false)]
    [InlineData("*, de", false)]
    [InlineData("de-AT", false)]
    public void A_response_in_the_language_that_is_wanted_most_is_selected(string asked, bool expected)
    {
        var selector = VarySelector.Of(["accept-language"], Request("Accept-Language", "en, de"), "de");
        Assert.Equal(expected, selector.Matches(Request("Accept-Language", asked)));
    }
}
