using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;

namespace OrleansCdn.Internet.Graph;

/// <param name="Graph">Null: the file cannot be used.</param>
/// <param name="Error">What is wrong, where, and how to mend it; null with a graph.</param>
public sealed record CaidaReadResult(GraphFile? Graph, string? Error)
{
    /// <summary>Octets of text, as far as gzip counts them: modulo 2^32.</summary>
    internal uint Length { get; init; }
}

/// <summary>
/// CAIDA's AS relationships: serial-1 (<c>provider|customer|-1</c>, <c>peer|peer|0</c>) and serial-2, which adds where a link was
/// seen (<c>…|bgp</c>, <c>…|mlp</c>: at an exchange's route server). Lines that begin with # are comments. Plain or gzip.
/// https://publicdata.caida.org/datasets/as-relationships/serial-2/README.txt
/// </summary>
public static class CaidaReader
{
    private const int FirstBuffer = 1 << 16;

    private const string CutOff = "it is damaged or cut off, or packed in several parts: fetch it again, or unpack it with 'gunzip' first";

    /// <param name="file">From its beginning; it is not closed.</param>
    /// <param name="name">For people: the file's.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<CaidaReadResult> ReadAsync(Stream file, string name, CancellationToken cancellationToken)
    {
        await using var tail = new TailStream(file);
        PipeReader pipe = PipeReader.Create(tail, new StreamPipeReaderOptions(leaveOpen: true));
        byte[] head = await HeadAsync(pipe, cancellationToken);
        await using Stream whole = pipe.AsStream();
        try
        {
            switch (head)
            {
                case [0x1f, 0x8b, ..]:
                    await using (var unpacked = new GZipStream(whole, CompressionMode.Decompress))
                    {
                        CaidaReadResult read = await ReadLinesAsync(unpacked, name, cancellationToken);
                        return read.Error is null && read.Length != tail.Last ? new CaidaReadResult(null, CutOff) : read;
                    }

                case [(byte)'B', (byte)'Z', (byte)'h']:
                    return new CaidaReadResult(null, "it is packed with bzip2: unpack it with 'bunzip2', and pack it with 'gzip' if you like");
                default:
                    return await ReadLinesAsync(whole, name, cancellationToken);
            }
        }
        catch (InvalidDataException)
        {
            return new CaidaReadResult(null, CutOff);
        }
    }

    /// <summary>What tells the format; it stays in the pipe.</summary>
    private static async Task<byte[]> HeadAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        const int Length = 3;
        ReadResult read = await pipe.ReadAtLeastAsync(Length, cancellationToken);
        byte[] head = read.Buffer.Slice(0, Math.Min(Length, read.Buffer.Length)).ToArray();
        pipe.AdvanceTo(read.Buffer.Start);
        return head;
    }

    private static async Task<CaidaReadResult> ReadLinesAsync(Stream text, string name, CancellationToken cancellationToken)
    {
        var parser = new Parser();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, GraphLimits.LineBytes + 1));
        try
        {
            long total = 0;
            int filled = 0;
            while (true)
            {
                int read = await text.ReadAsync(buffer.AsMemory(filled), cancellationToken);
                filled += read;
                total += read;
                if (total > GraphLimits.FileBytes)
                {
                    return new CaidaReadResult(null, $"it has more than {GraphLimits.FileBytes >> 20} MiB");
                }

                int used = parser.Feed(buffer.AsSpan(0, filled), isLast: read == 0);
                if (parser.Error is { } error)
                {
                    return new CaidaReadResult(null, error);
                }

                if (read == 0)
                {
                    return parser.Build(name) with { Length = (uint)total };
                }

                buffer.AsSpan(used, filled - used).CopyTo(buffer);
                filled -= used;
                if (filled > GraphLimits.LineBytes)
                {
                    return new CaidaReadResult(null, parser.At($"the line is longer than {GraphLimits.LineBytes} bytes; is it the right file?"));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class Parser
    {
        private readonly Dictionary<ulong, NetworkLink> _links = [];
        private readonly HashSet<uint> _asns = [];
        private int _line = 1;

        public string? Error { get; private set; }

        public string At(string what) => string.Create(CultureInfo.InvariantCulture, $"line {_line}: {what}");

        /// <returns>How much of it was taken; the rest is the beginning of a line.</returns>
        public int Feed(ReadOnlySpan<byte> piece, bool isLast)
        {
            int used = 0;
            while (Error is null && used < piece.Length)
            {
                ReadOnlySpan<byte> rest = piece[used..];
                int end = rest.IndexOf((byte)'\n');
                if (end < 0 && !isLast)
                {
                    break;
                }

                Take(end < 0 ? rest : rest[..end]);
                used += end < 0 ? rest.Length : end + 1;
                _line++;
            }

            return used;
        }

        public CaidaReadResult Build(string name) => _links.Count == 0
            ? new CaidaReadResult(null, "it has no links: each line is provider|customer|-1 or peer|peer|0")
            : new CaidaReadResult(
                new GraphFile
                {
                    Name = name,
                    Networks = [.. _asns.Order().Select(asn => new Network(asn, "", false, []))],
                    Links = [.. _links.Values],
                },
                null);

        private void Take(ReadOnlySpan<byte> line)
        {
            line = line.TrimEnd((byte)'\r');
            if (line.IsEmpty || line[0] == '#')
            {
                return;
            }

            const string Form = "each line is provider|customer|-1 or peer|peer|0, then maybe |source";
            Span<Range> parts = stackalloc Range[5];
            int count = Split(line, parts);
            if (count is < 3 or > 4)
            {
                Error = At($"it has {count} parts; {Form}");
            }
            else if (!TryAsn(line[parts[0]], out uint first) || !TryAsn(line[parts[1]], out uint second))
            {
                Error = At($"an AS number is not one from 1 to {uint.MaxValue - 1}; {Form}");
            }
            else if (first == second)
            {
                Error = At($"AS{first} is its own neighbour");
            }
            else if (Kind(line[parts[2]]) is not { } arePeers)
            {
                Error = At($"the relation is neither -1 nor 0; {Form}");
            }
            else
            {
                Add(new NetworkLink(first, second, arePeers, count == 4 && line[parts[3]].SequenceEqual("mlp"u8)));
            }
        }

        private void Add(NetworkLink link)
        {
            ulong pair = ((ulong)Math.Min(link.First, link.Second) << 32) | Math.Max(link.First, link.Second);
            if (_links.TryGetValue(pair, out NetworkLink known))
            {
                if (known.ArePeers != link.ArePeers || (!link.ArePeers && known.First != link.First))
                {
                    Error = At($"AS{link.First} and AS{link.Second} have another relation on an earlier line: keep one of the two");
                }

                return;
            }

            _links.Add(pair, link);
            _asns.Add(link.First);
            _asns.Add(link.Second);
            if (_links.Count > GraphLimits.Links || _asns.Count > GraphLimits.Networks)
            {
                Error = At($"there are more than {GraphLimits.Networks} networks or {GraphLimits.Links} links; is it the right file?");
            }
        }

        private static int Split(ReadOnlySpan<byte> line, Span<Range> parts)
        {
            int count = 0;
            foreach (Range part in line.Split((byte)'|'))
            {
                if (count == parts.Length)
                {
                    break;
                }

                parts[count++] = part;
            }

            return count;
        }

        private static bool? Kind(ReadOnlySpan<byte> text) => text switch { [(byte)'0'] => true, [(byte)'-', (byte)'1'] => false, _ => null };

        private static bool TryAsn(ReadOnlySpan<byte> text, out uint asn) =>
            Utf8Parser.TryParse(text, out asn, out int used) && used == text.Length && asn is > 0 and < uint.MaxValue && text[0] is >= (byte)'0' and <= (byte)'9';
    }
}
