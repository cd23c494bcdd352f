using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Bgp.Tests.Wire;

public sealed class UpdateReaderTests
{
    private const string Base = "400101 00 400206 0201 000313fe 400304 c6336407";

    [Theory]
    [InlineData("400101 03 400206 0201 000313fe 400304 c6336407")] // ORIGIN 3
    [InlineData("c00101 00 400206 0201 000313fe 400304 c6336407")] // flags of ORIGIN
    [InlineData("400101 00 400206 0202 000313fe 400304 c6336407")] // a segment beyond the attribute
    [InlineData("400101 00 400202 0200 400304 c6336407")] // an empty segment
    [InlineData("400101 00 400206 0501 000313fe 400304 c6336407")] // a segment of no type
    [InlineData("400101 00 400206 0201 000313fe")] // no NEXT_HOP
    [InlineData("400206 0201 000313fe 400304 c6336407")] // no ORIGIN
    [InlineData("400101 00 400304 c6336407")] // no AS_PATH
    [InlineData("400101 00 400206 0201 000313fe 400303 c63364")] // NEXT_HOP of three octets
    [InlineData(Base + "c00803 fc580b")] // COMMUNITIES of three octets
    [InlineData(Base + "c02008 0000fbf4 00000001")] // LARGE_COMMUNITY of eight
    [InlineData(Base + "800403 000001")] // MED of three
    [InlineData(Base + "c0")] // cut off
    [InlineData(Base + "c008ff fc580b62")] // beyond the field
    public void A_malformed_attribute_makes_it_a_withdrawal(string attributes)
    {
        UpdateReadResult result = Read(attributes, "18 c00002");
        Assert.Equal(UpdateStatus.TreatAsWithdraw, result.Status);
        Assert.Equal([Samples.Ipv4Prefix], result.Update.Withdrawn.AsEnumerable());
        Assert.Empty(result.Update.Announced);
    }

    [Theory]
    [InlineData(Base, "21 c0000200", 10)] // a prefix of 33 bits
    [InlineData(Base, "18 c000", 10)] // a prefix cut off
    [InlineData(Base + "800e03 000201", "", 9)] // MP_REACH too short
    [InlineData(Base + "800e1c 0002 01 10 20010db8000000000000000000000007 00 81 2a0fb2401000", "", 9)] // a prefix of 129 bits
    [InlineData(Base + "800f03 000201 800f03 000201", "", 1)] // MP_UNREACH twice
    public void Prefixes_that_cannot_be_read_end_the_session(string attributes, string prefixes, byte subcode)
    {
        UpdateReadResult result = Read(attributes, prefixes);
        Assert.Equal((UpdateStatus.SessionReset, BgpNotification.Of(NotificationCode.UpdateMessage, subcode)), (result.Status, result.Error));
    }

    [Theory]
    [InlineData("40 01 0100")]
    [InlineData("0001")]
    [InlineData("0000 0001")]
    public void Lengths_beyond_the_message_end_the_session(string body) =>
        Assert.Equal(UpdateStatus.SessionReset, UpdateReader.Read(Hex.Octets(body), true).Status);

    [Fact]
    public void The_first_of_two_counts_and_what_is_unknown_is_passed_over()
    {
        UpdateReadResult result = Read(Base + "400101 02 e0fe01 07 c00804 fc580b62", "18 c00002");
        Assert.Equal((UpdateStatus.Ok, BgpOrigin.Igp), (result.Status, result.Update.Origin));
        Assert.Equal([Community.Parse("64600:2914")], result.Update.Communities.AsEnumerable());
    }

    [Fact]
    public void AS4_PATH_fills_what_AS_TRANS_stands_for() // RFC 6793 §4.2.3
    {
        byte[] attributes = Hex.Octets("400101 00 400208 0203 fbf4 5ba0 5ba0 400304 c6336407 c0110a 0202 000313fe 000313ff");
        byte[] body = [0, 0, 0, (byte)attributes.Length, .. attributes, 24, 192, 0, 2];
        Assert.Equal([64500u, 201726u, 201727u], UpdateReader.Read(body, isFourOctet: false).Update.AsPath.AsEnumerable());
    }

    [Fact]
    public void End_of_RIB_is_told_from_an_empty_withdrawal()
    {
        foreach (AddressFamily family in Enum.GetValues<AddressFamily>())
        {
            Assert.Equal(family, UpdateReader.Read(BgpMessages.EndOfRib(family).AsSpan(19), true).Update.EndOfRib);
        }

        Assert.Null(UpdateReader.Read(AnnouncementWriter.Withdraw(Samples.Ipv6Prefix).AsSpan(19), true).Update.EndOfRib);
    }

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        const int seed = 20261124;
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++)
        {
            bool isFourOctet = random.Next(2) == 0;
            UpdateMessage update = Any(random);
            byte[] message = UpdateCodec.Write(update, isFourOctet)!;
            UpdateReadResult result = UpdateReader.Read(message.AsSpan(19), isFourOctet);
            Assert.True(result.Status == UpdateStatus.Ok, $"seed {seed}, case {i}: {result.Status}");
            Assert.Equal(Describe(update), Describe(result.Update));
        }
    }

    [Fact]
    public void Damaged_messages_harm_no_reader() =>
        FuzzInput.Run("bgp", [.. FuzzInput.Read("bgp").Select(text => FuzzInput.Text(Hex.Octets(text))), .. Samples.All.Select(m => FuzzInput.Text(m))], (text, random) =>
        {
            byte[] octets = FuzzInput.Octets(text);

            // Most damage hits the header: the rest is to be seen as well.
            if (octets.Length >= 19 && random.Next(4) > 0)
            {
                BgpMessages.WriteHeader(octets, (BgpMessageType)Math.Clamp(octets[18], (byte)1, (byte)5), Math.Min(octets.Length, BgpWire.MaxMessageLength));
            }

            Readers.ReadAll(octets);
        });

    private static UpdateReadResult Read(string attributes, string prefixes)
    {
        byte[] field = Hex.Octets(attributes);
        return UpdateReader.Read([0, 0, (byte)(field.Length >> 8), (byte)field.Length, .. field, .. Hex.Octets(prefixes)], isFourOctet: true);
    }

    private static UpdateMessage Any(Random random)
    {
        ImmutableArray<IPNetwork> announced = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Prefix(random)).Distinct()];
        bool hasIpv4 = announced.Any(p => AddressFamilyExtensions.FamilyOf(p) == AddressFamily.Ipv4Unicast);
        bool hasIpv6 = announced.Any(p => AddressFamilyExtensions.FamilyOf(p) == AddressFamily.Ipv6Unicast);
        return new UpdateMessage
        {
            Withdrawn = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Prefix(random)).Distinct()],
            Announced = announced,
            Origin = (BgpOrigin)random.Next(3),
            AsPath = [.. Enumerable.Range(0, random.Next(8) == 0 ? random.Next(250, 400) : random.Next(6)).Select(_ => (uint)random.NextInt64(1, random.Next(2) == 0 ? 65_000 : uint.MaxValue))],
            NextHopIpv4 = hasIpv4 ? IPAddress.Parse("198.51.100.7") : null,
            NextHopIpv6 = hasIpv6 ? IPAddress.Parse("2001:db8::7") : null,
            MultiExitDiscriminator = random.Next(2) == 0 ? (uint)random.Next() : null,
            Communities = [.. Enumerable.Range(0, random.Next(30)).Select(_ => AnyCommunity(random))],
        };
    }

    private static IPNetwork Prefix(Random random)
    {
        byte[] address = new byte[random.Next(2) == 0 ? 4 : 16];
        random.NextBytes(address);
        int bits = random.Next((address.Length * 8) + 1);
        for (int bit = bits; bit < address.Length * 8; bit++)
        {
            address[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(address), bits);
    }

    private static Community AnyCommunity(Random random) => random.Next(3) switch
    {
        0 => Community.Standard((ushort)random.Next(65536), (ushort)random.Next(65536)),
        1 => Community.Extended((ulong)random.NextInt64()),
        _ => Community.Large((uint)random.Next(), (uint)random.Next(), (uint)random.Next()),
    };

    private static string Describe(UpdateMessage update)
    {
        IEnumerable<string> Sorted(ImmutableArray<IPNetwork> prefixes) => prefixes.Select(p => p.ToString()).Order(StringComparer.Ordinal);
        IEnumerable<string> communities = update.Communities.OrderBy(c => c.Kind).Select(c => c.ToString());
        return string.Join(' ', [.. Sorted(update.Withdrawn), "+", .. Sorted(update.Announced), $"{update.Origin}", $"{update.NextHopIpv4} {update.NextHopIpv6} {update.MultiExitDiscriminator}", .. update.AsPath.Select(a => $"{a}"), .. communities]);
    }
}
