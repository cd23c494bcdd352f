using System.Buffers.Binary;
using System.Text;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Tests.Server;

/// <summary>Queries written by hand, and the plainest reading of their answers.</summary>
internal static class TestQuery
{
    /// <param name="name">Labels of plain characters, without the dot at the end.</param>
    public static byte[] Of(int id, string name = "a.example", DnsType type = DnsType.A)
    {
        var message = new List<byte> { (byte)(id >> 8), (byte)id, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (string label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }

        message.AddRange([0, (byte)((int)type >> 8), (byte)type, 0, 1]);
        return [.. message];
    }

    /// <summary>Behind its length, as over TCP.</summary>
    public static byte[] Framed(ReadOnlySpan<byte> message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];

    public static int Id(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message);

    public static int Rcode(ReadOnlySpan<byte> message) => message[3] & 0x0f;

    public static bool IsTruncated(ReadOnlySpan<byte> message) => (message[2] & 2) != 0;

    /// <summary>What a server without zones answers to a query without EDNS: itself, with QR and REFUSED.</summary>
    public static byte[] Refused(ReadOnlySpan<byte> query)
    {
        byte[] answer = query.ToArray();
        answer[2] |= 0x80;
        answer[3] = 5;
        return answer;
    }
}
