using System.Security.Cryptography;

namespace OrleansCdn.Dns.Server;

/// <summary>
/// A fast hash under a secret of this process: clients choose what they send, and must not be able to choose whose slot it falls
/// into. Not a signature: nothing of it leaves the process.
/// </summary>
internal readonly struct KeyedHash(ulong key0, ulong key1)
{
    // Odd constants of xxHash64.
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;

    /// <summary>Under a secret that nobody else has.</summary>
    public static KeyedHash Fresh()
    {
        Span<byte> secret = stackalloc byte[2 * sizeof(ulong)];
        RandomNumberGenerator.Fill(secret);
        return new KeyedHash(BitConverter.ToUInt64(secret), BitConverter.ToUInt64(secret[sizeof(ulong)..]));
    }

    public ulong Of(UInt128 address, ulong extra) =>
        Mix(Mix((ulong)address ^ key0, (ulong)(address >> 64) ^ key1), extra ^ key0 ^ Prime1);

    /// <summary>Of a name on the wire, whatever case its letters have.</summary>
    /// <param name="name">Labels with their lengths; nothing of it is looked at but octets.</param>
    public ulong OfName(ReadOnlySpan<byte> name)
    {
        ulong hash = key1 ^ (ulong)name.Length;
        while (name.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ Lower(BitConverter.ToUInt64(name)), Prime1 ^ key0);
            name = name[sizeof(ulong)..];
        }

        ulong rest = 0;
        foreach (byte octet in name)
        {
            rest = (rest << 8) | octet;
        }

        return Mix(hash ^ Lower(rest), Prime2 ^ key0);
    }

    /// <summary>
    /// Sets bit 5 of every octet that has bit 6: that makes letters small, and some other octets the same as others, which costs
    /// a collision of names that nobody has.
    /// </summary>
    private static ulong Lower(ulong octets) => octets | ((octets & 0x4040404040404040) >> 1);

    private static ulong Mix(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a ^ Prime1, b ^ Prime2, out ulong low);
        return high ^ low;
    }
}
