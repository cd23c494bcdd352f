using OrleansCdn.Cli.LabOrigin;

namespace OrleansCdn.Cli.Tests.LabOrigin;

public sealed class DeterministicBytesTests
{
    [Fact]
    public void Are_SplitMix64()
    {
        // The published generator from state 0 gives these two first (state 0 + gamma is our index 1).
        var bytes = new byte[16];
        DeterministicBytes.Fill(1, 0, bytes);
        Assert.Equal(0xE220A8397B1DCDAFUL, BitConverter.ToUInt64(bytes, 0));
        Assert.Equal(0x6E789E6AA1B965F4UL, BitConverter.ToUInt64(bytes, 8));
    }

    [Fact]
    public void Any_part_equals_that_part_of_the_whole()
    {
        ulong seed = DeterministicBytes.Seed("/assets/1k.bin");
        var whole = new byte[100];
        DeterministicBytes.Fill(seed, 0, whole);
        for (int from = 0; from <= whole.Length; from++)
        {
            for (int to = from; to <= whole.Length; to++)
            {
                var part = new byte[to - from];
                DeterministicBytes.Fill(seed, from, part);
                Assert.Equal(whole[from..to], part);
            }
        }
    }

    [Fact]
    public void Paths_differ() => Assert.NotEqual(DeterministicBytes.Seed("/assets/1k.bin"), DeterministicBytes.Seed("/assets/2k.bin"));

    [Theory]
    [InlineData("1k", 1024)]
    [InlineData("2G", 2L * 1024 * 1024 * 1024)]
    [InlineData("17", 17)]
    [InlineData("0", 0)]
    public void Sizes(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out long parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-1")]
    [InlineData("1kb")]
    [InlineData("17g")]
    [InlineData("99999999999")]
    public void No_sizes(string text) => Assert.False(SizeText.TryParse(text, out _));
}
