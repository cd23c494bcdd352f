using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Takes the values of a metadata block in their order.</summary>
/// <remarks>Every method throws <see cref="InvalidDataException"/> past the end, and before it allocates for a length that cannot be.</remarks>
internal ref struct MetaReader(ReadOnlySpan<byte> block)
{
    private ReadOnlySpan<byte> _rest = block;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(sizeof(long)));

    public string Text() => Encoding.UTF8.GetString(Bytes(Int32()));

    public string[] Texts()
    {
        string[] texts = new string[Checked(Int32(), sizeof(int))];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = Text();
        }

        return texts;
    }

    public KeyValuePair<string, StringValues> Field()
    {
        string name = SharedText.Of(Text());
        string[] lines = Texts();
        return new KeyValuePair<string, StringValues>(name, lines.Length == 1 ? new StringValues(SharedText.Of(lines[0])) : new StringValues(lines));
    }

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            throw new InvalidDataException("the block ends before its values");
        }

        ReadOnlySpan<byte> bytes = _rest[..length];
        _rest = _rest[length..];
        return bytes;
    }

    /// <param name="bytesEach">What one item takes at least.</param>
    public readonly int Checked(int count, int bytesEach) =>
        count >= 0 && (long)count * bytesEach <= _rest.Length ? count : throw new InvalidDataException("more items than the block can hold");
}
