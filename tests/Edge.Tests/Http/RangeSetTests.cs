using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Tests.Http;

public sealed class RangeSetTests
{
    [Theory]
    [InlineData("bytes=0-0", "0-0")]
    [InlineData("bytes=500-", "500-999")]
    [InlineData("bytes=-1", "999-999")]
    [InlineData("bytes=-5000", "0-999")]
    [InlineData("BYTES= 5 - 9 ", "5-9")]
    [InlineData("bytes=990-99999999999999999999999", "990-999")]
    [InlineData("bytes=0-9,100-109", "0-9 100-109")]
    [InlineData("bytes=100-109, 0-9", "100-109 0-9")]
    [InlineData("bytes=0-9,,  ,500-509,", "0-9 500-509")]
    [InlineData("bytes=0-9,10-19,30-39", "0-39")]
    [InlineData("bytes=0-9,2000-3000", "0-9")]
    [InlineData("bytes=0-0,200-200,400-400,600-600,-1", "0-0 200-200 400-400 600-600 999-999")]
    [InlineData("bytes=1000-", "unsatisfiable")]
    [InlineData("bytes=-0", "unsatisfiable")]
    [InlineData("bytes=99999999999999999999999-", "unsatisfiable")]
    [InlineData("bytes=1000-1001,2000-", "unsatisfiable")]
    [InlineData("bytes=0-99,50-149", "whole")]
    [InlineData("bytes=500-599,0-510", "whole")]
    [InlineData("bytes=-1,-1", "whole")]
    [InlineData("bytes=9-5", "whole")]
    [InlineData("bytes=0-9,9-5", "whole")]
    [InlineData("bytes=a-b", "whole")]
    [InlineData("bytes=-", "whole")]
    [InlineData("bytes=", "whole")]
    [InlineData("bytes=,", "whole")]
    [InlineData("bytes=+1-2", "whole")]
    [InlineData("bytes=1-2-3", "whole")]
    [InlineData("lines=0-1", "whole")]
    [InlineData("bytes 0-1", "whole")]
    public void Fields_are_read_as_the_specification_says(string field, string expected)
    {
        Assert.Equal(expected, Text(field, 1000));
        foreach (int end in Enumerable.Range(0, field.Length))
        {
            _ = Text(field[..end], 1000); // no beginning of a field makes trouble
        }
    }

    [Fact]
    public void More_than_ten_parts_are_the_whole()
    {
        Assert.Equal(10, Text("bytes=" + string.Join(',', Enumerable.Range(0, 10).Select(i => $"{i * 100}-{i * 100}")), 100_000).Split(' ').Length);
        Assert.Equal("whole", Text("bytes=" + string.Join(',', Enumerable.Range(0, 11).Select(i => $"{i * 100}-{i * 100}")), 100_000));
        Assert.Equal("whole", Text("bytes=" + string.Join(',', Enumerable.Repeat("0-0", 5000)), 100_000));
        Assert.Equal("0-499", Text("bytes=" + string.Join(',', Enumerable.Range(0, 50).Select(i => $"{i * 10}-{(i * 10) + 9}")), 100_000));
    }

    [Theory]
    [InlineData("bytes=7-8", 7)]
    [InlineData("bytes=700-800,5-6", 5)]
    [InlineData("bytes=700-800,-6", 0)]
    [InlineData("bytes=-6", 0)]
    [InlineData("lines=7-8", -1)]
    [InlineData("bytes=7-8,x", -1)]
    [InlineData("bytes=", -1)]
    public void The_first_byte_is_known_without_the_length(string field, long first) => Assert.Equal(first, RangeSet.FirstWanted(field));

    private static string Text(string field, long length) => RangeSet.Parse(field, length, out ByteRange part, out ByteRange[]? several) switch
    {
        RangeVerdict.Whole => "whole",
        RangeVerdict.NotSatisfiable => "unsatisfiable",
        _ => string.Join(' ', (several ?? [part]).Select(p => $"{p.First}-{p.Last}")),
    };
}
