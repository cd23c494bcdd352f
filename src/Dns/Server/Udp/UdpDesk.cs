using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server.Limiting;
using OrleansCdn.Dns.Server.Log;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Server.Udp;

/// <summary>
/// The way of a datagram, whatever brought it: (1) what nobody is to answer goes → (2) overload → (3) answer → (4) rate limit →
/// (5) log. Of one thread.
/// </summary>
internal sealed class UdpDesk(Responder responder, Faults faults, ResponseLimiter limiter, QueryLog log, KeyedHash hash, uint seed)
{
    private readonly NetworkShares _shares = new(hash);
    private LoadGauge _load;
    private LogChance _chance = new(seed);
    private TimeSpan _now;

    public ServerCounters Counters { get; } = new();

    public Responder Responder => responder;

    /// <summary>Tells of a batch before its datagrams.</summary>
    /// <param name="now">Monotonic.</param>
    /// <returns>Whether <see cref="Look"/> is due.</returns>
    public bool Begin(bool isFull, TimeSpan now)
    {
        _now = now;
        return _load.Count(isFull, now);
    }

    public void Look(QueueState queue) => Counters.Add(ServerCount.QueueOverflows, _load.Look(queue, _now));

    /// <param name="isWhole">False: the datagram was longer than what is left of it.</param>
    /// <returns>Octets of <paramref name="response"/> to send; 0: none.</returns>
    public int Serve(ReadOnlySpan<byte> query, bool isWhole, in QuerySource source, Span<byte> response)
    {
        // :: Step 1
        Counters.Add(ServerCount.UdpQueries);
        if (Refusal(query, isWhole, source) is { } reason)
        {
            Counters.Add(reason);
            return 0;
        }

        // :: Step 2
        if (_load.Level != LoadLevel.Normal && _shares.IsOver(ClientNetwork.Of(source.Address, source.IsIpv4)))
        {
            Counters.Add(ServerCount.ShedShare);
            return 0;
        }

        // :: Step 3
        int length = Answer(query, source, response);

        // :: Step 4
        QueryOutcome outcome = length == 0 ? QueryOutcome.Unanswerable : Limit(ref length, source, response);
        Count(outcome, length);

        // :: Step 5
        if (log.IsChosen(ref _chance))
        {
            log.Write(responder, source, length, outcome);
        }

        return length;
    }

    private static ServerCount? Refusal(ReadOnlySpan<byte> query, bool isWhole, in QuerySource source) =>
        query.Length < DnsHeader.Length || !isWhole ? ServerCount.DroppedLength
        : (query[2] & DnsHeader.Response) != 0 ? ServerCount.DroppedResponse
        : source.Port == 0 ? ServerCount.DroppedPort
        : null;

    private int Answer(ReadOnlySpan<byte> query, in QuerySource source, Span<byte> response)
    {
        try
        {
            return responder.Respond(query, source, response);
        }
#pragma warning disable CA1031 // Whatever it is, the next query has nothing to do with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Counters.Add(ServerCount.Faults);
            faults.Last = e;
            return 0;
        }
    }

    private QueryOutcome Limit(ref int length, in QuerySource source, Span<byte> response)
    {
        if (_load.Level == LoadLevel.Overloaded && responder.Last.Rcode is not (DnsRcode.NoError or DnsRcode.NxDomain))
        {
            length = 0;
            return QueryOutcome.Shed;
        }

        switch (limiter.Judge(responder, response[..length], source, _now))
        {
            case RateVerdict.Slip:
                length = responder.Slip(response, length);
                return QueryOutcome.Slipped;
            case RateVerdict.Drop:
                length = 0;
                return QueryOutcome.RateLimited;
            default:
                return QueryOutcome.Answered;
        }
    }

    private void Count(QueryOutcome outcome, int length)
    {
        if (outcome == QueryOutcome.Answered)
        {
            Counters.Add(ServerCount.UdpAnswers);
            Counters.Add(ServerCount.UdpAnsweredBytes, length);
            return;
        }

        Counters.Add(outcome switch
        {
            QueryOutcome.Slipped => ServerCount.Slipped,
            QueryOutcome.RateLimited => ServerCount.DroppedRate,
            QueryOutcome.Shed => ServerCount.ShedError,
            _ => ServerCount.DroppedUnanswerable,
        });
    }
}
