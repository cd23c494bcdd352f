using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>
/// What a record says of its response beside the body. The block begins with one checksum (CRC-32C) per
/// <see cref="DiskLimits.PieceBytes"/> of the body; then come the fields in the order of <see cref="Write"/>, texts as
/// <c>length[4] UTF-8</c>.
/// </summary>
internal sealed class RecordMeta
{
    private const int NewField = -1;

    /// <summary>Of the body's pieces.</summary>
    public required uint[] PieceCrcs { get; init; }

    /// <summary>Process that wrote it: in the same one the monotonic clock counts.</summary>
    public required long Run { get; init; }

    /// <summary>State of the wall clock, see <see cref="DiskClock"/>.</summary>
    public required int ClockEra { get; init; }

    /// <summary>Wall clock when the response was received, Unix milliseconds.</summary>
    public required long ReceivedWall { get; init; }

    /// <summary>The response with an empty body, its times as they were in the process that wrote it.</summary>
    public required StoredResponse Response { get; init; }

    public static void Write(IBufferWriter<byte> to, StoredResponse response, ReadOnlySpan<uint> pieceCrcs, long run, int clockEra, long receivedWall)
    {
        foreach (uint crc in pieceCrcs)
        {
            Put(to, (int)crc);
        }

        Put(to, run);
        Put(to, clockEra);
        Put(to, receivedWall);
        Put(to, BitConverter.DoubleToInt64Bits(response.ReceivedAt));
        Put(to, BitConverter.DoubleToInt64Bits(response.InitialAge));
        Put(to, response.Status);
        Put(to, response.Key.IsHttps ? 1 : 0);
        Put(to, response.Key.Site);
        Put(to, response.Key.Authority);
        Put(to, response.Key.Target);
        Put(to, response.Url);
        byte[] storage = JsonSerializer.SerializeToUtf8Bytes(response.Storage, DiskJson.Default.StorageDecision);
        Put(to, storage.Length);
        to.Write(storage);
        Put(to, response.Tags);
        Put(to, response.Vary.Names);
        Put(to, response.Vary.Values);
        Put(to, response.Vary.ContentLanguage);
        ReadOnlySpan<KeyValuePair<string, StringValues>> fields = response.Header.Fields;
        Put(to, fields.Length);
        foreach (KeyValuePair<string, StringValues> field in fields)
        {
            Put(to, field);
        }

        // Most of what visitors see is the same: the place in the header stands for it.
        Put(to, response.VisitorHeader.Fields.Length);
        foreach (KeyValuePair<string, StringValues> field in response.VisitorHeader.Fields)
        {
            int same = IndexOf(fields, field);
            Put(to, same);
            if (same == NewField)
            {
                Put(to, field);
            }
        }

        // Last, and left out by who does not know: readers go on without it.
        if (response.Source is { } source)
        {
            Put(to, (int)source.From);
            Put(to, source.Name);
        }
    }

    /// <summary>Null when the block is not what <see cref="Write"/> makes.</summary>
    public static RecordMeta? Read(ReadOnlySpan<byte> block, long bodyLength, long stamp)
    {
        try
        {
            return Read(new MetaReader(block), PieceCount(bodyLength), stamp);
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or NotSupportedException)
        {
            return null;
        }
    }

    public static int PieceCount(long bodyLength) => (int)((bodyLength + DiskLimits.PieceBytes - 1) / DiskLimits.PieceBytes);

    private static RecordMeta Read(MetaReader from, int pieces, long stamp)
    {
        uint[] crcs = new uint[from.Checked(pieces, sizeof(uint))];
        for (int i = 0; i < pieces; i++)
        {
            crcs[i] = (uint)from.Int32();
        }

        long run = from.Int64();
        int era = from.Int32();
        long receivedWall = from.Int64();
        double receivedAt = BitConverter.Int64BitsToDouble(from.Int64());
        double initialAge = BitConverter.Int64BitsToDouble(from.Int64());
        int status = from.Int32();
        bool isHttps = from.Int32() != 0;
        var key = new CacheKey(from.Text(), isHttps, from.Text(), from.Text());
        // Argument order is evaluation order: site, authority and target are read as they were written.
        string url = from.Text();
        StorageDecision storage = JsonSerializer.Deserialize(from.Bytes(from.Int32()), DiskJson.Default.StorageDecision);
        string[] tags = from.Texts();
        VarySelector vary = VarySelector.Restore(from.Texts(), from.Texts(), from.Text());
        var fields = new KeyValuePair<string, StringValues>[from.Checked(from.Int32(), sizeof(int))];
        for (int i = 0; i < fields.Length; i++)
        {
            fields[i] = from.Field();
        }

        var visitor = new KeyValuePair<string, StringValues>[from.Checked(from.Int32(), sizeof(int))];
        for (int i = 0; i < visitor.Length; i++)
        {
            int same = from.Int32();
            visitor[i] = same == NewField ? from.Field() : (uint)same < (uint)fields.Length ? fields[same] : throw new InvalidDataException();
        }

        return new RecordMeta
        {
            PieceCrcs = crcs,
            Run = run,
            ClockEra = era,
            ReceivedWall = receivedWall,
            Response = new StoredResponse
            {
                Key = key,
                Url = url,
                Status = status,
                Header = new ResponseHeader(fields),
                VisitorHeader = new ResponseHeader(visitor),
                Body = new CachedBody([]),
                Vary = vary,
                Tags = tags,
                Storage = storage,
                Source = from.IsAtEnd ? null : Source((FilledFrom)from.Int32(), from.Text()),
                InitialAge = initialAge,
                ReceivedAt = receivedAt,
                Stamp = stamp,
                CheckedAt = stamp,
            },
        };
    }

    private static ResponseSource? Source(FilledFrom from, string name) => Enum.IsDefined(from) ? ResponseSource.Of(from, name) : null;

    private static int IndexOf(ReadOnlySpan<KeyValuePair<string, StringValues>> fields, KeyValuePair<string, StringValues> field)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            if (fields[i].Key == field.Key && fields[i].Value == field.Value)
            {
                return i;
            }
        }

        return NewField;
    }

    private static void Put(IBufferWriter<byte> to, KeyValuePair<string, StringValues> field)
    {
        Put(to, field.Key);
        Put(to, field.Value.Count);
        foreach (string? line in field.Value)
        {
            Put(to, line ?? "");
        }
    }

    private static void Put(IBufferWriter<byte> to, ReadOnlySpan<string> texts)
    {
        Put(to, texts.Length);
        foreach (string text in texts)
        {
            Put(to, text);
        }
    }

    private static void Put(IBufferWriter<byte> to, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(sizeof(int)), value);
        to.Advance(sizeof(int));
    }

    private static void Put(IBufferWriter<byte> to, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(sizeof(long)), value);
        to.Advance(sizeof(long));
    }

    private static void Put(IBufferWriter<byte> to, string text)
    {
        Put(to, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, to);
    }
}

/// <summary>JSON of what grows with the rules of storing.</summary>
[JsonSerializable(typeof(StorageDecision))]
internal sealed partial class DiskJson : JsonSerializerContext;
