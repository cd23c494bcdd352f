using System.Buffers.Binary;

namespace OrleansCdn.Dns.Edns;

/// <summary>Server cookies that all servers of the fleet understand (RFC 9018). Immutable.</summary>
/// <param name="secret">16 octets, by which cookies are made.</param>
/// <param name="others">Secrets by which cookies are also known: the next and the former one while they are changed (RFC 9018 §5).</param>
public sealed class ServerCookies(ReadOnlyMemory<byte> secret, params IReadOnlyList<ReadOnlyMemory<byte>> others)
{
    /// <summary>The client's 8 octets and the server's 16 (RFC 9018 §4).</summary>
    public const int Length = ClientLength + ServerLength;

    public const int ClientLength = 8;
    private const int ServerLength = 16;

    /// <summary>RFC 9018 §4.2.</summary>
    private const byte Version = 1;

    /// <summary>Seconds, all RFC 9018 §4.3: how old and how far ahead a cookie may be, and from when on it is made anew.</summary>
    private const int MaxAge = 3600;
    private const int MaxAhead = 300;
    private const int RenewAfter = 1800;

    private readonly ReadOnlyMemory<byte> _secret = Checked(secret);
    private readonly ReadOnlyMemory<byte>[] _others = [.. others.Select(Checked)];

    /// <summary>Judges what a query has, and writes what its answer has.</summary>
    /// <param name="cookie">The option's octets, of a length that RFC 7873 allows.</param>
    /// <param name="isIpv4">Family of <paramref name="address"/>.</param>
    /// <param name="address">Of the client, mapped into IPv6 if it is IPv4.</param>
    /// <param name="unixTime">Seconds.</param>
    /// <param name="answer"><see cref="Length"/> octets.</param>
    public CookieVerdict Judge(ReadOnlySpan<byte> cookie, bool isIpv4, UInt128 address, uint unixTime, Span<byte> answer)
    {
        bool isKnown = IsKnown(cookie, isIpv4, address, unixTime, out int age);
        if (isKnown && age <= RenewAfter)
        {
            cookie.CopyTo(answer);
            return CookieVerdict.Good;
        }

        cookie[..ClientLength].CopyTo(answer);
        Span<byte> server = answer[ClientLength..];
        server[0] = Version;
        server[1..4].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(server[4..], unixTime);
        BinaryPrimitives.WriteUInt64LittleEndian(server[8..], Hash(_secret.Span, answer, isIpv4, address));
        return isKnown ? CookieVerdict.Good : cookie.Length == ClientLength ? CookieVerdict.ClientOnly : CookieVerdict.Bad;
    }

    private bool IsKnown(ReadOnlySpan<byte> cookie, bool isIpv4, UInt128 address, uint unixTime, out int age)
    {
        age = 0;
        if (cookie.Length != Length || cookie[ClientLength] != Version)
        {
            return false;
        }

        // RFC 9018 §4.3: serial arithmetic, so that 2106 is a year like any other.
        age = unchecked((int)(unixTime - BinaryPrimitives.ReadUInt32BigEndian(cookie[(ClientLength + 4)..])));
        if (age is > MaxAge or < -MaxAhead)
        {
            return false;
        }

        ulong given = BinaryPrimitives.ReadUInt64LittleEndian(cookie[(ClientLength + 8)..]);
        if (given == Hash(_secret.Span, cookie, isIpv4, address))
        {
            return true;
        }

        foreach (ReadOnlyMemory<byte> other in _others)
        {
            if (given == Hash(other.Span, cookie, isIpv4, address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>RFC 9018 §4.4: client cookie, version, reserved octets, time, address.</summary>
    private static ulong Hash(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> cookie, bool isIpv4, UInt128 address)
    {
        const int Fields = ClientLength + 8;
        Span<byte> data = stackalloc byte[Fields + 16];
        cookie[..Fields].CopyTo(data);
        if (isIpv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(data[Fields..], (uint)address);
            return SipHash.Of(secret, data[..(Fields + 4)]);
        }

        BinaryPrimitives.WriteUInt128BigEndian(data[Fields..], address);
        return SipHash.Of(secret, data);
    }

    private static ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> secret) => secret.Length == SipHash.KeyLength
        ? secret
        : throw new ArgumentException($"a cookie secret has {SipHash.KeyLength} octets, not {secret.Length}", nameof(secret));
}
