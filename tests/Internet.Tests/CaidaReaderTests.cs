using System.IO.Compression;
using System.Text;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Testing;

namespace OrleansCdn.Internet.Tests;

public sealed class CaidaReaderTests
{
    [Theory]
    [InlineData("174|1299|0\n174|64496|-1\n")]
    [InlineData("# source:topology\n174|1299|0|bgp\n\n174|64496|-1|bgp\n")]
    [InlineData("174|1299|0\r\n174|64496|-1")]
    [InlineData("174|1299|0\n1299|174|0\n174|64496|-1\n174|64496|-1\n")]
    public async Task Both_forms_are_read(string text)
    {
        GraphFile graph = await ReadAsync(Encoding.UTF8.GetBytes(text));
        Assert.Equal([174u, 1299u, 64496u], graph.Networks.Select(n => n.Asn));
        Assert.Equal([new NetworkLink(174, 1299, true, false), new NetworkLink(174, 64496, false, false)], graph.Links.AsEnumerable());
    }

    [Fact]
    public async Task Multilateral_peers_meet_at_exchanges()
    {
        GraphFile graph = await ReadAsync("1|2|0|mlp\n1|3|0|bgp\n"u8.ToArray());
        Assert.Equal([true, false], graph.Links.Select(l => l.IsAtExchange));
    }

    [Fact]
    public async Task Gzip_is_unpacked()
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write("174|1299|0\n"u8);
        }

        Assert.Single((await ReadAsync(packed.ToArray())).Links);
        for (int length = 3; length < packed.Length; length++)
        {
            string error = await ErrorAsync(packed.ToArray()[..length]);
            Assert.True(error.Contains("cut off", StringComparison.Ordinal) || error.StartsWith("line 1: ", StringComparison.Ordinal) || error.StartsWith("it has no links", StringComparison.Ordinal), error);
        }

        Assert.Contains("bunzip2", await ErrorAsync("BZh91AY&SY"u8.ToArray()));
    }

    [Theory]
    [InlineData("174|1299|0\n174 1299 0\n", "line 2: it has 1 parts")]
    [InlineData("174|1299|0|bgp|x\n", "line 1: it has 5 parts")]
    [InlineData("# comment\n\nAS174|1299|0\n", "line 3: an AS number is not one")]
    [InlineData("174|-1|0\n", "line 1: an AS number is not one")]
    [InlineData("0|174|0\n", "line 1: an AS number is not one")]
    [InlineData("4294967295|174|0\n", "line 1: an AS number is not one")]
    [InlineData("4294967296|174|0\n", "line 1: an AS number is not one")]
    [InlineData("174|174|0\n", "line 1: AS174 is its own neighbour")]
    [InlineData("174|1299|1\n", "line 1: the relation is neither -1 nor 0")]
    [InlineData("174|1299|0\n1299|174|-1\n", "line 2: AS1299 and AS174 have another relation on an earlier line")]
    [InlineData("174|1299|-1\n1299|174|-1\n", "line 2: AS1299 and AS174 have another relation on an earlier line")]
    [InlineData("", "it has no links")]
    [InlineData("# nothing\n", "it has no links")]
    public async Task Mistakes_are_named_with_their_line(string text, string error) => Assert.StartsWith(error, await ErrorAsync(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task Lines_networks_and_the_file_have_limits()
    {
        Assert.StartsWith("line 2: the line is longer", await ErrorAsync([.. "1|2|0\n"u8, .. Enumerable.Repeat((byte)'#', GraphLimits.LineBytes + 2)]));
        string many = string.Concat(Enumerable.Range(2, GraphLimits.Networks + 1).Select(asn => $"1|{asn}|-1\n"));
        Assert.StartsWith($"line {GraphLimits.Networks}: there are more than {GraphLimits.Networks} networks", await ErrorAsync(Encoding.UTF8.GetBytes(many)));
        await using var endless = new Endless();
        CaidaReadResult read = await CaidaReader.ReadAsync(endless, "endless", default);
        Assert.Equal("it has more than 256 MiB", read.Error);
    }

    [Fact]
    public async Task Comments_as_long_as_the_real_ones_are_passed_over()
    {
        byte[] text = [.. "1|2|0\n# sources:"u8, .. Enumerable.Repeat((byte)'x', GraphLimits.LineBytes - 20), .. "\n2|3|0\n"u8];
        Assert.Equal(2, (await ReadAsync(text)).Links.Length);
    }

    [Fact]
    public async Task Damaged_files_are_read_or_refused_and_the_pieces_they_come_in_do_not_matter()
    {
        await FuzzInput.RunAsync("as-graph", async (text, random) =>
        {
            byte[] octets = FuzzInput.Octets(text);
            CaidaReadResult whole = await CaidaReader.ReadAsync(new MemoryStream(octets), "f", default);
            CaidaReadResult pieces = await CaidaReader.ReadAsync(new Dribble(octets, random), "f", default);
            if (octets is not [0x1f, 0x8b, ..])
            {
                // How far a damaged file is unpacked before it is noticed depends on the pieces.
                Assert.Equal(whole.Error, pieces.Error);
                Assert.Equal(whole.Graph?.Links.AsEnumerable(), pieces.Graph?.Links.AsEnumerable());
            }

            Assert.True(whole.Graph is null ? whole.Error is { Length: > 0 } : whole.Error is null);
            if (whole.Graph is { } graph)
            {
                AsGraph built = AsGraphBuilder.Build(graph, []);
                Assert.Equal(graph.Links.Length * 2, built.ArcCount);
            }
        }, share: 2);
    }

    private static async Task<GraphFile> ReadAsync(byte[] octets)
    {
        CaidaReadResult read = await CaidaReader.ReadAsync(new MemoryStream(octets), "test", default);
        Assert.Null(read.Error);
        return read.Graph!;
    }

    private static async Task<string> ErrorAsync(byte[] octets)
    {
        CaidaReadResult read = await CaidaReader.ReadAsync(new MemoryStream(octets), "test", default);
        Assert.Null(read.Graph);
        return read.Error!;
    }

    /// <summary>Comes in pieces of a few octets.</summary>
    private sealed class Dribble(byte[] octets, Random random) : MemoryStream(octets)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1 + random.Next(7)));
    }

    private sealed class Endless : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'\n');
            return count;
        }
    }
}
