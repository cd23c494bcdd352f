using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Dns.Server.Log;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Edge.Admin;

/// <summary>Answer of <c>/dns/log</c>: a sample of the queries, the oldest first.</summary>
/// <param name="SampledOneOf">Of so many queries one is here.</param>
/// <param name="Entries">At most <see cref="MaxEntries"/>; those that follow are had with <c>?after=</c> and the last number.</param>
internal sealed record DnsLogReply(long SampledOneOf, ImmutableArray<DnsLogLine> Entries)
{
    public const int MaxEntries = 200;

    public static DnsLogReply Of(QueryLog log, long after) => new(
        log.SampleBits < 0 ? 0 : 1L << log.SampleBits,
        [.. log.Read(after, MaxEntries).Select(DnsLogLine.Of)]);
}

/// <param name="Client">Its network, never its address.</param>
/// <param name="Outcome">What became of the answer.</param>
internal sealed record DnsLogLine(long Number, DateTimeOffset Time, string Client, bool Tcp, string Name, string Type, string Rcode, int Bytes, QueryOutcome Outcome)
{
    public static DnsLogLine Of(QueryLogEntry entry) => new(
        entry.Number,
        entry.Time,
        entry.Client.ToString(),
        entry.IsTcp,
        entry.Name,
        DnsTypeText.Of((DnsType)entry.Type),
        Enum.IsDefined((DnsRcode)entry.Rcode) ? ((DnsRcode)entry.Rcode).ToString() : entry.Rcode.ToString(CultureInfo.InvariantCulture),
        entry.AnswerLength,
        entry.Outcome);
}
