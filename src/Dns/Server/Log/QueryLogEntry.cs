using System.Net;

namespace OrleansCdn.Dns.Server.Log;

/// <summary>One query of the sample.</summary>
public sealed record QueryLogEntry
{
    /// <summary>Grows by one with each entry; what is missing between two was overwritten before it was read.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The client's network (/24, /48), never its address.</summary>
    public required IPNetwork Client { get; init; }

    public required bool IsTcp { get; init; }

    /// <summary>With small letters; <c>.</c> also where no question could be read.</summary>
    public required string Name { get; init; }

    public required ushort Type { get; init; }

    /// <summary>Of the answer, also when it was not sent; 0 when there was none.</summary>
    public required int Rcode { get; init; }

    /// <summary>Octets that were sent.</summary>
    public required int AnswerLength { get; init; }

    public required QueryOutcome Outcome { get; init; }
}
