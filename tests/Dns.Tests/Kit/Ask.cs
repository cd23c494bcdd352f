using System.Buffers.Binary;
using System.Net;

namespace OrleansCdn.Dns.Tests.Kit;

/// <summary>A query, put together octet by octet.</summary>
internal sealed class Ask
{
    private readonly string _name;
    private readonly int _type;
    private readonly List<byte> _options = [];

    private Ask(string name, int type) => (_name, _type) = (name, type);

    public ushort Id { get; init; } = 0x1234;

    public byte Flags1 { get; init; }

    public byte Flags2 { get; init; }

    public int Class { get; init; } = 1;

    public int? Edns { get; set; }

    public int Version { get; init; }

    public int EdnsFlags { get; set; }

    public static Ask For(string name, int type) => new(name, type);

    public Ask WithEdns(int size = 1232, bool dnssecOk = false)
    {
        Edns = size;
        EdnsFlags |= dnssecOk ? 0x8000 : 0;
        return this;
    }

    public Ask WithOption(int code, params byte[] value)
    {
        Edns ??= 1232;
        _options.AddRange([(byte)(code >> 8), (byte)code, (byte)(value.Length >> 8), (byte)value.Length]);
        _options.AddRange(value);
        return this;
    }

    public Ask WithSubnet(string prefix)
    {
        var network = IPNetwork.Parse(prefix);
        byte[] address = network.BaseAddress.GetAddressBytes();
        return WithOption(8, [0, (byte)(address.Length == 4 ? 1 : 2), (byte)network.PrefixLength, 0, .. address[..((network.PrefixLength + 7) / 8)]]);
    }

    public byte[] Octets()
    {
        var all = new List<byte>();
        Span<byte> id = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(id, Id);
        all.AddRange(id);
        all.AddRange([Flags1, Flags2, 0, 1, 0, 0, 0, 0, 0, (byte)(Edns is null ? 0 : 1)]);
        all.AddRange(NameOctets(_name));
        all.AddRange([(byte)(_type >> 8), (byte)_type, (byte)(Class >> 8), (byte)Class]);
        if (Edns is int size)
        {
            all.AddRange([0, 0, 41, (byte)(size >> 8), (byte)size, 0, (byte)Version, (byte)(EdnsFlags >> 8), (byte)EdnsFlags]);
            all.AddRange([(byte)(_options.Count >> 8), (byte)_options.Count]);
            all.AddRange(_options);
        }

        return [.. all];
    }

    public static byte[] NameOctets(string name)
    {
        var octets = new List<byte>();
        foreach (string label in name.TrimEnd('.').Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            octets.Add((byte)label.Length);
            octets.AddRange(label.Select(c => (byte)c));
        }

        octets.Add(0);
        return [.. octets];
    }
}
