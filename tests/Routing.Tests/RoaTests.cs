using System.Collections.Immutable;
using System.Net;
using System.Text;
using OrleansCdn.Routing.Roa;

namespace OrleansCdn.Routing.Tests;

public sealed class RoaTests
{
    private const string File = """
        {"metadata":{"buildtime":"2026-01-31T00:00:00Z","roas":3,"nested":{"roas":[{"asn":1}]}},
         "roas":[
          {"asn":64500,"prefix":"192.0.2.0/24","maxLength":24,"ta":"ripe","expires":1700000000},
          {"asn":"AS64501","prefix":"2001:db8::/32","maxLength":48,"source":[{"type":"roa","uri":"rsync://x","asn":7}]},
          {"prefix":"198.51.100.0/24","asn":"64502"},
          {"asn":"AS0","prefix":"203.0.113.0/24","maxLength":32}
         ],
         "aspas":[{"asn":1,"providers":[2]}]}
        """;

    private static async Task<RoaReadResult> ReadAsync(string json, int piece = int.MaxValue) =>
        await RoaReader.ReadAsync(new Pieces(Encoding.UTF8.GetBytes(json), piece), CancellationToken.None);

    [Theory]
    [InlineData("192.0.2.0/24", 64500u, OriginValidity.Valid)]
    [InlineData("192.0.2.0/25", 64500u, OriginValidity.Invalid)]
    [InlineData("192.0.2.0/24", 64501u, OriginValidity.Invalid)]
    [InlineData("192.0.0.0/16", 64500u, OriginValidity.NotFound)]
    [InlineData("2001:db8::/32", 64501u, OriginValidity.Valid)]
    [InlineData("2001:db8:1000::/48", 64501u, OriginValidity.Valid)]
    [InlineData("2001:db8:1000::/49", 64501u, OriginValidity.Invalid)]
    [InlineData("2001:db8:1000::/48", 64500u, OriginValidity.Invalid)]
    [InlineData("2001:db9::/32", 64501u, OriginValidity.NotFound)]
    [InlineData("198.51.100.0/24", 64502u, OriginValidity.Valid)]
    [InlineData("203.0.113.0/24", 0u, OriginValidity.Invalid)]
    [InlineData("203.0.113.0/24", 64500u, OriginValidity.Invalid)]
    public async Task Origins_are_validated_as_rfc_6811_says(string prefix, uint asn, OriginValidity expected)
    {
        RoaReadResult read = await ReadAsync(File);

        Assert.Null(read.Error);
        Assert.Equal(4, read.Table!.Count);
        Assert.Equal(expected, read.Table.Validate(IPNetwork.Parse(prefix), asn).Validity);
    }

    [Fact]
    public async Task A_file_may_come_in_any_pieces()
    {
        for (int piece = 1; piece < 40; piece++)
        {
            RoaReadResult read = await ReadAsync(File, piece);
            Assert.Null(read.Error);
            Assert.Equal(4, read.Table!.Count);
        }
    }

    [Theory]
    [InlineData("", "it is not JSON")]
    [InlineData("{}", "it has no list 'roas'")]
    [InlineData("{\"roas\":5}", "it has no list 'roas'")]
    [InlineData("{\"roas\":[", "it is not JSON")]
    [InlineData("{\"roas\":[7]}", "entry 1 of 'roas' is no object")]
    [InlineData("{\"roas\":[{\"asn\":1}]}", "entry 1 of 'roas' lacks 'asn' or 'prefix'")]
    [InlineData("{\"roas\":[{\"asn\":-1,\"prefix\":\"192.0.2.0/24\"}]}", "entry 1 of 'roas' has an 'asn' that is not an AS number")]
    [InlineData("{\"roas\":[{\"asn\":\"AS4294967296\",\"prefix\":\"192.0.2.0/24\"}]}", "has an 'asn' that is not an AS number")]
    [InlineData("{\"roas\":[{\"asn\":1,\"prefix\":\"192.0.2.0/33\"}]}", "has a 'prefix' that is not address/length")]
    [InlineData("{\"roas\":[{\"asn\":1,\"prefix\":\"192.0.2.0/24\",\"maxLength\":23}]}", "has the maxLength 23, which for 192.0.2.0/24 is 24 to 32")]
    [InlineData("{\"roas\":[{\"asn\":1,\"prefix\":\"192.0.2.0/24\",\"maxLength\":33}]}", "has the maxLength 33")]
    [InlineData("{\"roas\":[{\"asn\":1,\"prefix\":\"192.0.2.0/24\",\"maxLength\":\"24\"}]}", "has a 'maxLength' that is not a whole number")]
    public async Task What_is_wrong_with_a_file_is_said(string json, string expected)
    {
        RoaReadResult read = await ReadAsync(json);

        Assert.Null(read.Table);
        Assert.Contains(expected, read.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_without_end_takes_no_memory_without_end()
    {
        RoaReadResult read = await ReadAsync("{\"roas\":[{\"ta\":\"" + new string('a', 3_000_000));

        Assert.Contains("a value is longer than", read.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_many_entries_as_there_are_worldwide_are_read()
    {
        var json = new StringBuilder("{\"roas\":[");
        for (int i = 0; i < 700_000; i++)
        {
            json.Append(i == 0 ? "" : ",").Append($"{{\"asn\":\"AS{64500 + (i % 7)}\",\"prefix\":\"{1 + (i >> 16)}.{(i >> 8) & 255}.{i & 255}.0/24\",\"maxLength\":24,\"ta\":\"ripe\"}}");
        }

        RoaReadResult read = await ReadAsync(json.Append("]}").ToString(), 10_000);

        Assert.Equal(700_000, read.Table!.Count);
        Assert.Equal(OriginValidity.Valid, read.Table.Validate(IPNetwork.Parse("11.0.0.0/24"), 64500 + (655360 % 7)).Validity);
    }

    [Fact]
    public async Task The_message_names_what_is_allowed()
    {
        RoaTable table = (await ReadAsync(File)).Table!;
        ImmutableArray<string> messages = RoaCheck.Of(table, 64500, [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8:1000::/48"), IPNetwork.Parse("2001:db9::/32")]);

        Assert.StartsWith(
            "2001:db8:1000::/48 from AS64500 would be RPKI-invalid, and much of the Internet would drop it: ROAs allow only 2001:db8::/32-48 AS64501;",
            Assert.Single(messages),
            StringComparison.Ordinal);
    }

    /// <summary>Damaged octets end in a table or an error, never in an exception.</summary>
    [Fact]
    public async Task Damaged_files_are_read_to_an_error()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CDN_FUZZ_SEED"), out int given) ? given : System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("CDN_FUZZ_ROUNDS"), out int many) ? many : 5_000;
        var random = new Random(seed);
        byte[] file = Encoding.UTF8.GetBytes(File);
        for (int round = 0; round < rounds; round++)
        {
            byte[] damaged = [.. file];
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : file[random.Next(file.Length)];
            }

            try
            {
                RoaReadResult read = await RoaReader.ReadAsync(new Pieces(damaged, random.Next(1, 500)), CancellationToken.None);
                Assert.True(read.Table is null != read.Error is null);
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}, round {round}: {error}\n{Encoding.Latin1.GetString(damaged)}");
            }
        }
    }

    /// <summary>The table against a search through all of it.</summary>
    [Fact]
    public void A_table_agrees_with_the_naive_search()
    {
        int seed = System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            var builder = new RoaTable.Builder();
            var all = new List<RoaEntry>();
            for (int i = random.Next(30); i > 0; i--)
            {
                IPNetwork prefix = Prefix(random);
                int longest = prefix.BaseAddress.GetAddressBytes().Length * 8;
                var entry = new RoaEntry(prefix, random.Next(prefix.PrefixLength, longest + 1), (uint)random.Next(3));
                all.Add(entry);
                builder.Add(entry.Prefix, entry.MaxLength, entry.Asn);
            }

            RoaTable table = builder.Build();
            for (int query = 0; query < 20; query++)
            {
                (IPNetwork prefix, uint asn) = (Prefix(random), (uint)random.Next(3));
                RoaEntry[] covering = [.. all.Where(e => e.Prefix.PrefixLength <= prefix.PrefixLength && e.Prefix.Contains(prefix.BaseAddress))];
                OriginValidity expected = covering.Length == 0 ? OriginValidity.NotFound
                    : covering.Any(e => e.Asn == asn && asn != 0 && prefix.PrefixLength <= e.MaxLength) ? OriginValidity.Valid
                    : OriginValidity.Invalid;
                (OriginValidity actual, ImmutableArray<RoaEntry> found) = table.Validate(prefix, asn);
                Assert.True(expected == actual && covering.Length == found.Length, $"seed {seed}, round {round}: {prefix} from AS{asn}");
            }
        }
    }

    private static IPNetwork Prefix(Random random)
    {
        bool v4 = random.Next(2) == 0;
        byte[] bytes = new byte[v4 ? 4 : 16];
        bytes[0] = (byte)(random.Next(2) << 7);
        bytes[^1] = (byte)random.Next(2);
        int length = random.Next(3) switch { 0 => bytes.Length * 8, 1 => random.Next(8), _ => 0 };
        for (int bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(bytes), length);
    }

    /// <summary>A stream that gives little at a time.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
