using System.Buffers.Binary;
using System.Text;

namespace OrleansCdn.Cli.LabOrigin;

/// <summary>
/// The content of the sample origin's files: each byte is a function of path and position, so that any part of a file
/// of any size can be made, and checked, without storing it. Eight bytes at a time are SplitMix64's output for
/// <c>seed + index</c>, where the seed is FNV-1a of the path.
/// </summary>
internal static class DeterministicBytes
{
    public static ulong Seed(string path)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(path))
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return hash;
    }

    /// <summary>Fills <paramref name="buffer"/> with the bytes that start at <paramref name="position"/>.</summary>
    public static void Fill(ulong seed, long position, Span<byte> buffer)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (!buffer.IsEmpty)
        {
            (long index, long within) = Math.DivRem(position, sizeof(ulong));
            ulong value = Mix(seed + (ulong)index);
            int length;
            if (within == 0 && buffer.Length >= sizeof(ulong))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(buffer, value);
                length = sizeof(ulong);
            }
            else
            {
                BinaryPrimitives.WriteUInt64LittleEndian(word, value);
                length = Math.Min(sizeof(ulong) - (int)within, buffer.Length);
                word.Slice((int)within, length).CopyTo(buffer);
            }

            buffer = buffer[length..];
            position += length;
        }
    }

    private static ulong Mix(ulong x)
    {
        x *= 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
