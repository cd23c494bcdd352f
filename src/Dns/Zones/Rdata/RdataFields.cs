using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones.Master;

namespace OrleansCdn.Dns.Zones.Rdata;

/// <summary>The words of a record's data, taken one by one and written as octets; the first mistake is kept.</summary>
internal sealed class RdataFields(IReadOnlyList<MasterToken> tokens, byte[] origin, int line)
{
    /// <summary>RFC 1035 §3.3.</summary>
    private const int MaxStringLength = 255;

    private readonly List<byte> _octets = [];
    private int _at;

    public int Line { get; private set; } = line;

    /// <summary>What the mistake is about.</summary>
    public string Subject { get; private set; } = "";

    /// <summary>Null: nothing is wrong.</summary>
    public string? Problem { get; private set; }

    public string? Instead { get; private set; }

    public bool HasMore => _at < tokens.Count;

    public bool IsRight => Problem is null;

    /// <summary>The data is in the form of RFC 3597 §5.</summary>
    public bool IsGeneric => _at < tokens.Count && tokens[_at] is { IsQuoted: false, Text: "\\#" };

    public byte[] Octets => [.. _octets];

    public int Length => _octets.Count;

    /// <summary>Keeps the first one only: what follows is often its consequence.</summary>
    public void Fail(string subject, string problem, string? instead)
    {
        if (Problem is null)
        {
            (Subject, Problem, Instead) = (subject, problem, instead);
        }
    }

    /// <returns>Default: there is none, and that has been noted.</returns>
    public MasterToken Next(string what)
    {
        if (HasMore)
        {
            MasterToken token = tokens[_at++];
            Line = Problem is null ? token.Line : Line;
            return token;
        }

        Fail(tokens.Count > 0 ? tokens[^1].Text : "", $"is followed by no {what}", null);
        return new MasterToken("", Line, IsQuoted: true);
    }

    /// <summary>What stands in quotes right behind the last word, as in <c>alpn="h2,h3"</c>. Null: something else follows.</summary>
    public MasterToken? PeekQuoted() => HasMore && tokens[_at].IsQuoted ? tokens[_at++] : null;

    public void Name(string what)
    {
        MasterToken token = Next(what);
        if (NameText.TryParse(token.Text, origin, out byte[] name, out string? problem))
        {
            _octets.AddRange(name);
        }
        else
        {
            Fail(token.Text, problem!, $"a {what} is a name such as www or www.example.net.");
        }
    }

    public void U8(string what) => Number(what, byte.MaxValue, 1);

    public void U16(string what) => Number(what, ushort.MaxValue, 2);

    public void U32(string what) => Number(what, uint.MaxValue, 4);

    /// <summary>Seconds, with units or without.</summary>
    public void Seconds(string what)
    {
        MasterToken token = Next(what);
        if (!TtlText.TryParse(token.Text, out uint seconds))
        {
            Fail(token.Text, $"is no {what}", $"write {TtlText.Form}");
        }

        Put32(seconds);
    }

    public void Number(string what, uint max, int octets)
    {
        MasterToken token = Next(what);
        if (!uint.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) || number > max)
        {
            Fail(token.Text, $"is no {what}", $"a number from 0 to {max}");
        }

        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, number);
        Raw(four[^octets..]);
    }

    public void Ipv4(string what = "IPv4 address") => Address(Next(what).Text, AddressFamily.InterNetwork, what);

    public void Ipv6(string what = "IPv6 address") => Address(Next(what).Text, AddressFamily.InterNetworkV6, what);

    public void Address(string text, AddressFamily family, string what)
    {
        // Short forms such as 10.1 and zones such as fe80::1%eth0 are addresses to .NET, and to no zone file.
        bool isPlain = family == AddressFamily.InterNetwork ? text.Count(c => c == '.') == 3 && !text.Contains('x') && !HasLeadingZero(text) : !text.Contains('%') && !text.Contains('[');
        if (isPlain && IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == family)
        {
            _octets.AddRange(address.GetAddressBytes());
            return;
        }

        Fail(text, $"is no {what}", family == AddressFamily.InterNetwork ? "such as 192.0.2.1" : "such as 2001:db8::1");
    }

    /// <summary>A character-string: its length, then up to 255 octets.</summary>
    public void String(string what)
    {
        byte[] value = Bytes(Next(what), what);
        if (value.Length > MaxStringLength)
        {
            Fail(what, $"is longer than {MaxStringLength} octets", "several strings in \"quotes\" may follow each other");
        }

        _octets.Add((byte)Math.Min(value.Length, MaxStringLength));
        _octets.AddRange(value);
    }

    /// <summary>Octets of a word, escapes resolved.</summary>
    public byte[] Bytes(MasterToken token, string what)
    {
        var octets = new List<byte>();
        for (int at = 0; at < token.Text.Length;)
        {
            int start = at;
            int octet = NameText.Octet(token.Text, ref at);
            if (octet < 0 && token.Text[start] != '\\')
            {
                // Text beyond ASCII is taken as UTF-8, as people mean it.
                int length = char.IsHighSurrogate(token.Text[start]) && start + 1 < token.Text.Length ? 2 : 1;
                octets.AddRange(System.Text.Encoding.UTF8.GetBytes(token.Text.Substring(start, length)));
                at = start + length;
                continue;
            }

            if (octet < 0)
            {
                Fail(token.Text, $"is no {what}: it has a \\ that is followed neither by three digits up to 255 nor by a character", "write \\\\ for a backslash");
                break;
            }

            octets.Add((byte)octet);
        }

        return [.. octets];
    }

    /// <summary>The rest as hexadecimal digits, blanks between them or not.</summary>
    public void Hex(string what, int least = 1)
    {
        string digits = Rest(what);
        try
        {
            byte[] octets = Convert.FromHexString(digits);
            if (octets.Length < least)
            {
                Fail(digits, $"is too short for a {what}", $"at least {2 * least} hexadecimal digits");
            }

            _octets.AddRange(octets);
        }
        catch (FormatException)
        {
            Fail(digits, $"is no {what}", "pairs of hexadecimal digits");
        }
    }

    public string Rest(string what)
    {
        if (!HasMore)
        {
            Next(what);
        }

        string rest = string.Concat(tokens.Skip(_at).Select(token => token.Text));
        _at = tokens.Count;
        return rest;
    }

    public void Raw(ReadOnlySpan<byte> octets)
    {
        foreach (byte octet in octets)
        {
            _octets.Add(octet);
        }
    }

    public void Put16(int number) => Raw([(byte)(number >> 8), (byte)number]);

    public void Put32(uint number) => Raw([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    /// <summary>Nothing may be left over.</summary>
    public void End()
    {
        if (HasMore)
        {
            Line = IsRight ? tokens[_at].Line : Line;
            Fail(tokens[_at].Text, "is more than the record has", "leave it out");
        }
    }

    private static bool HasLeadingZero(string text) => text.Split('.').Any(part => part.Length > 1 && part[0] == '0');
}
