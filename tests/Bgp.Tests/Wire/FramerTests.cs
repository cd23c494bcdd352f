using OrleansCdn.Bgp.Wire;

namespace OrleansCdn.Bgp.Tests.Wire;

public sealed class FramerTests
{
    public static TheoryData<string> Whole => [.. Samples.All.Select(m => Hex.Text(m))];

    [Theory]
    [MemberData(nameof(Whole))]
    public void Every_truncation_is_incomplete_and_the_whole_is_one_message(string hex)
    {
        byte[] message = Hex.Octets(hex);
        for (int length = 0; length < message.Length; length++)
        {
            BgpFrame frame = BgpFramer.Read(message.AsSpan(0, length));
            Assert.Equal(FrameStatus.Incomplete, frame.Status);
        }

        BgpFrame whole = BgpFramer.Read([.. message, 0xff, 0xff]);
        Assert.Equal((FrameStatus.Complete, message.Length, (BgpMessageType)message[18]), (whole.Status, whole.Length, whole.Type));
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void Every_single_octet_mutation_is_read_or_refused_by_every_reader(string hex)
    {
        byte[] message = Hex.Octets(hex);
        for (int at = 0; at < message.Length; at++)
        {
            byte kept = message[at];
            for (int value = 0; value < 256; value++)
            {
                message[at] = (byte)value;
                Readers.ReadAll(message);
            }

            message[at] = kept;
        }
    }

    [Theory]
    [InlineData("00ffffff ffffffff ffffffff ffffffff 0013 04", 1, "")]
    [InlineData(Hex.Marker + "0012 04", 2, "0012")]
    [InlineData(Hex.Marker + "1001 02", 2, "1001")]
    [InlineData(Hex.Marker + "0014 04", 2, "0014")]
    [InlineData(Hex.Marker + "001c 01", 2, "001c")]
    [InlineData(Hex.Marker + "0016 02", 2, "0016")]
    [InlineData(Hex.Marker + "0014 03", 2, "0014")]
    [InlineData(Hex.Marker + "0013 00", 3, "00")]
    [InlineData(Hex.Marker + "0013 06", 3, "06")]
    public void What_no_message_begins_with_is_refused_with_the_error_of_RFC_4271_6_1(string hex, byte subcode, string data)
    {
        BgpFrame frame = BgpFramer.Read(Hex.Octets(hex));
        Assert.Equal(FrameStatus.Bad, frame.Status);
        Assert.Equal(new BgpNotification(NotificationCode.MessageHeader, subcode, Hex.Octets(data)), frame.Error);
    }

    [Fact]
    public void A_wrong_marker_is_refused_with_its_first_wrong_octet() =>
        Assert.Equal(FrameStatus.Bad, BgpFramer.Read([0xff, 0xff, 0xfe]).Status);
}
