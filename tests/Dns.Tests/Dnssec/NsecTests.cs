using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Tests.Dnssec;

public sealed class NsecTests
{
    [Fact]
    public void A_name_that_does_not_exist_has_nothing_but_its_denial()
    {
        byte[] name = NameText.Parse("nope.example.net.");
        Assert.Equal((byte[])[1, 0, .. name, 0, 17, .. Bits(17, 46, 47, 128)], Write(name, false));
    }

    [Fact]
    public void A_name_without_the_type_shows_what_it_has()
    {
        byte[] name = NameText.Parse("www.example.net.");
        Assert.Equal((byte[])[1, 0, .. name, 0, 6, .. Bits(6, 1, 16, 46, 47)], Write(name, true, DnsType.A, DnsType.Txt));
        Assert.Equal((byte[])[1, 0, .. name, 0, 6, .. Bits(6, 46, 47)], Write(name, true));
    }

    [Fact]
    public void Types_in_higher_windows_have_windows_of_their_own()
    {
        byte[] name = NameText.Parse("www.example.net.");
        Assert.Equal(
            (byte[])[1, 0, .. name, 0, 9, .. Bits(9, 46, 47, 65), 1, 1, .. Bits(1, 1), 0x80, 32, .. Bits(32, 0, 255)],
            Write(name, true, DnsType.Https, DnsType.Caa, (DnsType)0x8000, (DnsType)0x80ff));
    }

    /// <summary>RFC 4034 §4.1.2: 256 windows of 2 and 32 octets.</summary>
    [Fact]
    public void Every_type_at_one_name_fits_the_room()
    {
        DnsType[] all = [.. Enumerable.Range(1, 65_535).Where(t => t is not (46 or 47)).Select(t => (DnsType)t)];
        byte[] rdata = Write(NameText.Parse("www.example.net."), true, all);
        Assert.Equal(2 + 17 + (256 * 34), rdata.Length);
    }

    public static TheoryData<byte[]> LongNames()
    {
        string l63 = new('a', 63);
        return
        [
            NameText.Parse($"{new string('b', 61)}.{l63}.{l63}.{l63[..60]}."), // 252 octets
            NameText.Parse($"{new string('b', 61)}.{l63}.{l63}.{l63[..61]}."),
            NameText.Parse($"{new string('b', 61)}.{l63}.{l63}.{l63[..62]}."), // 254: its first label has room
            NameText.Parse($"{new string('b', 61)}.{l63}.{l63}.{l63}."), // 255
            NameText.Parse($"{l63}.{l63}.{l63}.{new string('c', 60)}."), // 254, and its first label is full
            NameText.Parse($"{new string('b', 60)}\\@.{l63}.{l63}.{l63}."),
            NameText.Parse($"{string.Concat(Enumerable.Repeat(@"\255", 61))}.{l63}.{l63}.{l63}."),
        ];
    }

    [Theory]
    [MemberData(nameof(LongNames))]
    public void The_next_name_is_one_and_comes_after(byte[] name)
    {
        byte[] next = new byte[512];
        int length = Nsec.WriteSuccessor(name, next);
        byte[] canonical = new byte[WireName.MaxLength];
        Assert.InRange(length, 1, WireName.MaxLength);
        Assert.Equal(length, WireName.Read(next.AsSpan(0, length), canonical, out _));
        Assert.True(Compare(name, canonical[..length]) < 0);
    }

    /// <summary>RFC 4034 §6.1.</summary>
    private static int Compare(byte[] one, byte[] other)
    {
        string[] a = Labels(one);
        string[] b = Labels(other);
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            int order = string.CompareOrdinal(a[i], b[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return a.Length - b.Length;
    }

    private static string[] Labels(byte[] name)
    {
        var labels = new List<string>();
        for (int at = 0; name[at] != 0; at += 1 + name[at])
        {
            labels.Insert(0, System.Text.Encoding.Latin1.GetString(name, at + 1, name[at]));
        }

        return [.. labels];
    }

    private static byte[] Write(byte[] name, bool exists, params DnsType[] types)
    {
        byte[] rdata = new byte[Nsec.MaxRdataLength];
        return rdata[..Nsec.Write(name, exists, types, rdata)];
    }

    private static byte[] Bits(int length, params int[] set)
    {
        byte[] bits = new byte[length];
        foreach (int bit in set)
        {
            bits[bit / 8] |= (byte)(128 >> (bit % 8));
        }

        return bits;
    }
}
