using System.Buffers.Binary;
using System.Text;

namespace OrleansCdn.Bench.DnsServing;

/// <summary>Queries in dnsperf's binary form: each behind its length, as over TCP.</summary>
internal static class QueryFile
{
    /// <summary>More networks than the first cache of a processor holds answers for; a busy resolver has some thousand.</summary>
    private const int Count = 20_000;

    private const string Name = "www.cdn.example.net";

    /// <param name="options"><c>subnet</c>: each query has a /24 of its own; <c>do</c>: it wants signatures.</param>
    public static void Write(string file, string[] options)
    {
        var random = new Random(1);
        using FileStream output = File.Create(file);
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        for (int i = 0; i < Count; i++)
        {
            byte[] query = Query(random, options.Contains("subnet"), options.Contains("do"));
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)query.Length);
            output.Write(length);
            output.Write(query);
        }
    }

    private static byte[] Query(Random random, bool hasSubnet, bool wantsSignatures)
    {
        var octets = new List<byte> { 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1 };
        foreach (string label in Name.Split('.'))
        {
            octets.Add((byte)label.Length);
            octets.AddRange(Encoding.ASCII.GetBytes(label));
        }

        octets.AddRange([0, 0, 1, 0, 1]); // A, IN
        byte[] subnet = hasSubnet
            ? [0, 8, 0, 7, 0, 1, 24, 0, (byte)random.Next(1, 224), (byte)random.Next(256), (byte)random.Next(256)]
            : [];
        octets.AddRange([0, 0, 41, 0x04, 0xd0, 0, 0, (byte)(wantsSignatures ? 0x80 : 0), 0, 0, (byte)subnet.Length, .. subnet]);
        return [.. octets];
    }
}
