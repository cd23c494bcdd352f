using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Cache;

public sealed class CacheDirectivesTests
{
    [Theory]
    [InlineData("max-age=60", 60L)]
    [InlineData("MAX-AGE=60", 60L)]
    [InlineData("max-age=\"60\"", 60L)]
    [InlineData("a=\"x, max-age=1\", max-age=60", 60L)]
    [InlineData(" , ,max-age = 60 ,", 60L)]
    [InlineData("max-age=60, max-age=10", 60L)]
    [InlineData("max-age=-1", 0L)]
    [InlineData("max-age=1.5", 0L)]
    [InlineData("max-age=", 0L)]
    [InlineData("max-age", 0L)]
    [InlineData("max-age=99999999999999999999", 1L << 31)]
    [InlineData("xmax-age=60", null)]
    [InlineData("\"max-age=60\"", null)]
    [InlineData("", null)]
    public void Lifetimes(string text, long? expected) => Assert.Equal(expected, CacheDirectives.Parse(text).MaxAge);

    [Fact]
    public void Flags_of_all_lines_count()
    {
        CacheDirectives parsed = CacheDirectives.Parse(new StringValues(["public, no-cache=\"Set-Cookie, X\"", "must-revalidate;x, S-MaxAge=5,private"]));
        Assert.True(parsed.Has(CacheFlags.Public));
        Assert.True(parsed.Has(CacheFlags.NoCache));
        Assert.True(parsed.Has(CacheFlags.Private));
        Assert.False(parsed.Has(CacheFlags.MustRevalidate));
        Assert.Equal(5, parsed.SharedMaxAge);
    }

    [Fact]
    public void Any_text_is_read_to_its_end()
    {
        const string alphabet = "amxge-=\",;\\ \t*10no-store\0é";
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            string text = new([.. Enumerable.Range(0, random.Next(40)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            CacheDirectives parsed = CacheDirectives.Parse(text);
            Assert.True(parsed.MaxAge is null or (>= 0 and <= CacheDirectives.MaxSeconds), $"seed {seed}");
            VarySelector.ParseNames(text);
        }
    }
}
