using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Cache;

public sealed class StructuredFieldTests
{
    [Fact]
    public void A_dictionary_of_every_kind_is_read()
    {
        Assert.True(StructuredField.TryParseDictionary(
            "a=1, b;x=2, c=?0;y, d=\"q\\\"\\\\\", e=tok/en, f=-1.5, g=(1 \"x\" t);z=1, h=:aGk=:, i=@1700000000, j=%\"f%c3%bc\"", out StructuredItem[]? members));
        Assert.Equal("abcdefghij", string.Concat(members.Select(m => m.Name)));
        Assert.Equal(1, members[0].Number);
        Assert.Equal((StructuredKind.Flag, 1L), (members[1].Kind, members[1].Number));
        Assert.Equal((StructuredKind.Flag, 0L), (members[2].Kind, members[2].Number));
        Assert.Equal("q\"\\", members[3].Value);
        Assert.Equal("tok/en", members[4].Value);
        Assert.Equal((StructuredKind.Fraction, -1L), (members[5].Kind, members[5].Number));
        Assert.Equal(["", "x", "t"], members[6].Items.Select(i => i.Value));
        Assert.Equal(StructuredKind.Binary, members[7].Kind);
        Assert.Equal((StructuredKind.Date, 1700000000L), (members[8].Kind, members[8].Number));
        Assert.Equal(StructuredKind.DisplayText, members[9].Kind);
    }

    [Fact]
    public void The_last_of_equal_keys_counts()
    {
        Assert.True(StructuredField.TryParseDictionary(new(["a=1, b=2", "a=3"]), out StructuredItem[]? members));
        Assert.Equal([3L, 2L], members.Select(m => m.Number));
    }

    [Theory]
    [InlineData("A=1")]
    [InlineData("a=1,")]
    [InlineData(",a=1")]
    [InlineData("a=1 b=2")]
    [InlineData("a =1")]
    [InlineData("a= 1")]
    [InlineData("a=1, &&&")]
    [InlineData("a=\"x")]
    [InlineData("a=\"\\x\"")]
    [InlineData("a=1000000000000000")]
    [InlineData("a=1.2345")]
    [InlineData("a=1.")]
    [InlineData("a=--1")]
    [InlineData("a=?2")]
    [InlineData("a=(1 2")]
    [InlineData("a=(1,2)")]
    [InlineData("a=:x")]
    [InlineData("a=@1.5")]
    [InlineData("a;B")]
    [InlineData("a;=1")]
    [InlineData("é=1")]
    public void One_mistake_makes_it_invalid(string text) => Assert.False(StructuredField.TryParseDictionary(text, out _));

    [Theory]
    [InlineData("\"a\", \"b c\";p=1", 2)]
    [InlineData("", 0)]
    public void A_list_is_read(string text, int count)
    {
        Assert.True(StructuredField.TryParseList(text, out StructuredItem[]? members));
        Assert.Equal(count, members.Length);
    }
}
