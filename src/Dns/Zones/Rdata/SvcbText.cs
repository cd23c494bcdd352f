using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using OrleansCdn.Dns.Zones.Master;

namespace OrleansCdn.Dns.Zones.Rdata;

/// <summary>SVCB and HTTPS (RFC 9460 §2): priority, target, parameters, which on the wire stand in the order of their keys.</summary>
internal static class SvcbText
{
    private static readonly Dictionary<string, ushort> s_keys = new(StringComparer.OrdinalIgnoreCase)
    {
        ["mandatory"] = Mandatory,
        ["alpn"] = Alpn,
        ["no-default-alpn"] = NoDefaultAlpn,
        ["port"] = Port,
        ["ipv4hint"] = Ipv4Hint,
        ["ech"] = Ech,
        ["ipv6hint"] = Ipv6Hint,
        ["dohpath"] = DohPath,
        ["ohttp"] = Ohttp,
    };

    // RFC 9460 §14.3.2, RFC 9461, RFC 9540.
    private const ushort Mandatory = 0;
    private const ushort Alpn = 1;
    private const ushort NoDefaultAlpn = 2;
    private const ushort Port = 3;
    private const ushort Ipv4Hint = 4;
    private const ushort Ech = 5;
    private const ushort Ipv6Hint = 6;
    private const ushort DohPath = 7;
    private const ushort Ohttp = 8;

    /// <summary>RFC 9460 §14.3.2: reserved.</summary>
    private const ushort Invalid = 65535;

    public static void Read(RdataFields fields)
    {
        MasterToken priority = fields.Next("priority");
        if (!ushort.TryParse(priority.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
        {
            fields.Fail(priority.Text, "is no priority", "0 for an alias, else 1 to 65535");
        }

        fields.Put16(number);
        fields.Name("target");
        var parameters = new SortedDictionary<ushort, byte[]>();
        while (fields.HasMore && fields.IsRight)
        {
            ReadParameter(fields, parameters);
        }

        if (number == 0 && parameters.Count > 0)
        {
            fields.Fail("priority 0", "is an alias, which has no parameters (RFC 9460 §2.4.2)", "write 1 in place of 0");
        }

        Check(fields, parameters);
        foreach ((ushort key, byte[] value) in parameters)
        {
            fields.Put16(key);
            fields.Put16(value.Length);
            fields.Raw(value);
        }
    }

    private static void ReadParameter(RdataFields fields, SortedDictionary<ushort, byte[]> parameters)
    {
        MasterToken token = fields.Next("parameter");
        int equals = token.Text.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? token.Text : token.Text[..equals];
        MasterToken value = equals < 0 ? new MasterToken("", token.Line, IsQuoted: true) : token with { Text = token.Text[(equals + 1)..] };
        if (equals == token.Text.Length - 1 && fields.PeekQuoted() is MasterToken quoted)
        {
            value = quoted;
        }

        if (!TryKey(name, out ushort key))
        {
            fields.Fail(name, "is no parameter", $"{string.Join(", ", s_keys.Keys)}, or key65400 for others");
            return;
        }

        if (parameters.ContainsKey(key))
        {
            fields.Fail(name, "is given twice", null);
            return;
        }

        byte[] octets = fields.Bytes(value, name);
        string text = Encoding.Latin1.GetString(octets);
        parameters[key] = key switch
        {
            Mandatory => Keys(fields, text),
            Alpn => Protocols(fields, octets),
            NoDefaultAlpn or Ohttp => Empty(fields, name, octets),
            Port => PortNumber(fields, text),
            Ipv4Hint => Addresses(fields, name, text, AddressFamily.InterNetwork),
            Ech => Base64(fields, text),
            Ipv6Hint => Addresses(fields, name, text, AddressFamily.InterNetworkV6),
            _ => octets,
        };
    }

    /// <summary>RFC 9460 §2.1: <c>key123</c> for every number, without leading zeros.</summary>
    private static bool TryKey(string name, out ushort key)
    {
        if (s_keys.TryGetValue(name, out key))
        {
            return true;
        }

        return name.StartsWith("key", StringComparison.OrdinalIgnoreCase)
            && ushort.TryParse(name.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out key)
            && key != Invalid
            && (name.Length == 4 || name[3] != '0');
    }

    /// <summary>RFC 9460 §7.1.1, §8.</summary>
    private static void Check(RdataFields fields, SortedDictionary<ushort, byte[]> parameters)
    {
        if (parameters.ContainsKey(NoDefaultAlpn) && !parameters.ContainsKey(Alpn))
        {
            fields.Fail("no-default-alpn", "needs alpn beside it", "add alpn=h2");
        }

        if (!parameters.TryGetValue(Mandatory, out byte[]? mandatory))
        {
            return;
        }

        for (int i = 0; i + 1 < mandatory.Length; i += 2)
        {
            ushort key = BinaryPrimitives.ReadUInt16BigEndian(mandatory.AsSpan(i));
            if (key == Mandatory || !parameters.ContainsKey(key))
            {
                fields.Fail("mandatory", key == Mandatory ? "names itself" : "names a parameter that is not there", "the names of parameters of this record");
            }
        }
    }

    private static byte[] Keys(RdataFields fields, string text)
    {
        var keys = new SortedSet<ushort>();
        foreach (string name in text.Split(','))
        {
            if (!TryKey(name, out ushort key) || !keys.Add(key))
            {
                fields.Fail(name, "is no parameter that mandatory could name once", null);
            }
        }

        return [.. keys.SelectMany(key => new[] { (byte)(key >> 8), (byte)key })];
    }

    /// <summary>RFC 9460 §7.1.1: ids behind their lengths; appendix A.1 has a comma within an id escaped once more.</summary>
    private static byte[] Protocols(RdataFields fields, byte[] octets)
    {
        var all = new List<byte>();
        var one = new List<byte>();
        for (int i = 0; i <= octets.Length; i++)
        {
            if (i < octets.Length && octets[i] == '\\' && i + 1 < octets.Length)
            {
                one.Add(octets[++i]);
            }
            else if (i < octets.Length && octets[i] != ',')
            {
                one.Add(octets[i]);
            }
            else if (one.Count is 0 or > byte.MaxValue)
            {
                fields.Fail("alpn", "has an empty protocol or one longer than 255 octets", "such as alpn=h2,http/1.1");
                return [];
            }
            else
            {
                all.Add((byte)one.Count);
                all.AddRange(one);
                one.Clear();
            }
        }

        return [.. all];
    }

    private static byte[] Empty(RdataFields fields, string name, byte[] octets)
    {
        if (octets.Length > 0)
        {
            fields.Fail(name, "has no value", $"write {name} alone");
        }

        return [];
    }

    private static byte[] PortNumber(RdataFields fields, string text)
    {
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            fields.Fail(text, "is no port", "a number from 0 to 65535");
        }

        return [(byte)(port >> 8), (byte)port];
    }

    private static byte[] Addresses(RdataFields fields, string name, string text, AddressFamily family)
    {
        var addresses = new RdataFields([], [0], fields.Line);
        foreach (string address in text.Split(','))
        {
            addresses.Address(address, family, family == AddressFamily.InterNetwork ? "IPv4 address" : "IPv6 address");
        }

        if (!addresses.IsRight)
        {
            fields.Fail($"{name}={addresses.Subject}", addresses.Problem!, addresses.Instead);
        }

        return addresses.Octets;
    }

    private static byte[] Base64(RdataFields fields, string text)
    {
        Span<byte> octets = new byte[text.Length];
        if (text.Length > 0 && Convert.TryFromBase64String(text, octets, out int length))
        {
            return octets[..length].ToArray();
        }

        fields.Fail("ech", "is not base64", null);
        return [];
    }
}
