using System.Buffers;
using System.IO.Pipelines;

namespace OrleansCdn.Node.Links;

/// <summary>Outcome of <see cref="LineReader.ReadAsync"/>.</summary>
public enum LineRead
{
    Line,
    End,

    /// <summary>More bytes than allowed without a line end.</summary>
    TooLong,
}

/// <summary>Lines of a stream, of a bounded length. Memory grows with the line under way and is given back after it.</summary>
public sealed class LineReader(Stream stream, int maxLineBytes) : IAsyncDisposable
{
    // A heartbeat or a small purge batch fits; longer lines take more segments.
    private const int SegmentBytes = 16 * 1024;

    private readonly PipeReader _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: SegmentBytes, leaveOpen: true));
    private ReadOnlySequence<byte> _buffer;
    private SequencePosition _consumed;
    private long _searched;
    private bool _held;
    private bool _ended;

    /// <summary>The line without its end, valid until the next read.</summary>
    public ReadOnlySequence<byte> Line { get; private set; }

    /// <summary>An unfinished last line counts as the end of the stream: nobody vouches for it.</summary>
    public async ValueTask<LineRead> ReadAsync(CancellationToken cancellationToken)
    {
        if (_held)
        {
            // Whole lines that have arrived are handed out before the pipe is asked for more.
            ReadOnlySequence<byte> rest = _buffer.Slice(_consumed);
            if (TryTake(rest, out LineRead taken))
            {
                return taken;
            }

            _pipe.AdvanceTo(_consumed, _buffer.End);
            _held = false;
        }

        while (!_ended)
        {
            ReadResult read = await _pipe.ReadAsync(cancellationToken);
            _buffer = read.Buffer;
            _consumed = _buffer.Start;
            _held = true;
            _ended = read.IsCompleted;
            if (TryTake(_buffer, out LineRead taken))
            {
                return taken;
            }

            _pipe.AdvanceTo(_consumed, _buffer.End);
            _held = false;
        }

        return LineRead.End;
    }

    public ValueTask DisposeAsync() => _pipe.CompleteAsync();

    private bool TryTake(in ReadOnlySequence<byte> rest, out LineRead taken)
    {
        // What an earlier read has brought is not searched again: a long line in small pieces would cost the square of its length.
        SequencePosition? end = rest.Slice(_searched).PositionOf((byte)'\n');
        Line = end is { } position ? rest.Slice(0, position) : rest;
        taken = Line.Length > maxLineBytes ? LineRead.TooLong : LineRead.Line;
        _searched = end is null ? rest.Length : 0;
        if (end is { } found)
        {
            _consumed = rest.GetPosition(1, found);
        }

        return end is not null || taken == LineRead.TooLong;
    }
}
