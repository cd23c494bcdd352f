using System.Buffers.Binary;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server.Log;

namespace OrleansCdn.Dns.Server.Tcp;

/// <summary>Why a desk has stopped answering what a connection has sent.</summary>
internal enum TcpDeskStop
{
    /// <summary>No whole query is left.</summary>
    NeedsMore,

    /// <summary>What was written has to go out first.</summary>
    Full,

    /// <summary>Something that is no query: nothing sensible follows it.</summary>
    Malformed,
}

/// <summary>Answers queries of connections, one thread at a time; lent to a connection for as long as it computes, not while it waits.</summary>
internal sealed class TcpDesk(Responder responder, Faults faults, QueryLog log, uint seed)
{
    /// <summary>Two of the longest answers: one always fits behind another.</summary>
    private const int OutputSize = 2 * (ServerLimits.TcpPrefix + ServerLimits.MaxTcpMessage);

    private readonly byte[] _output = new byte[OutputSize];
    private int _written;
    private LogChance _chance = new(seed);

    public ReadOnlySpan<byte> Output => _output.AsSpan(0, _written);

    /// <summary>Answers to all that is whole, in order, gathered so that they go out by one call (RFC 7766 §8).</summary>
    public TcpDeskStop Serve(FrameBuffer input, in QuerySource source, ServerCounters counters)
    {
        _written = 0;
        while (_output.Length - _written >= ServerLimits.TcpPrefix + ServerLimits.MaxTcpMessage)
        {
            if (!input.TryRead(out ReadOnlySpan<byte> query))
            {
                return TcpDeskStop.NeedsMore;
            }

            counters.AddShared(ServerCount.TcpQueries);
            int length = Answer(query, source, _output.AsSpan(_written + ServerLimits.TcpPrefix, ServerLimits.MaxTcpMessage), counters);
            if (length == 0)
            {
                return TcpDeskStop.Malformed;
            }

            BinaryPrimitives.WriteUInt16BigEndian(_output.AsSpan(_written), (ushort)length);
            _written += ServerLimits.TcpPrefix + length;
            counters.AddShared(ServerCount.TcpAnswers);
            counters.AddShared(ServerCount.TcpAnsweredBytes, length);
        }

        return TcpDeskStop.Full;
    }

    private int Answer(ReadOnlySpan<byte> query, in QuerySource source, Span<byte> response, ServerCounters counters)
    {
        try
        {
            int length = responder.Respond(query, source, response);
            if (log.IsChosen(ref _chance))
            {
                log.Write(responder, source, length, length == 0 ? QueryOutcome.Unanswerable : QueryOutcome.Answered);
            }

            return length;
        }
#pragma warning disable CA1031 // Whatever it is, the next query has nothing to do with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            counters.AddShared(ServerCount.Faults);
            faults.Last = e;
            return 0;
        }
    }
}
