using System.Collections.Immutable;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Control;

/// <summary>What one line of a silo comes to.</summary>
/// <param name="IsWelcome">The silo takes this announcer.</param>
/// <param name="Desired">A desired state that can be used, whether or not it is a newer one.</param>
/// <param name="Problems">Why one cannot be used; empty otherwise.</param>
/// <param name="News">Words of other announcers, as far as they can be used; null: none.</param>
/// <param name="Refused">How many of them cannot.</param>
/// <param name="End">Give the connection up; null: it goes on.</param>
internal readonly record struct AnnouncerStep(bool IsWelcome, DesiredAnnouncements? Desired, ImmutableArray<string> Problems, FailoverNews? News, int Refused, FeedEnd? End);

/// <summary>
/// The rules of one feed connection, without any I/O. A silo is trusted with what is to be announced, but nothing it sends gets past these
/// checks unexamined; and a state that cannot be used ends no connection, since the next one would bring the same.
/// </summary>
/// <param name="self">This server's name.</param>
internal sealed class AnnouncerSession(string self)
{
    private bool _welcomed;

    public AnnouncerStep Step(AnnouncerOrder order)
    {
        switch (order)
        {
            case AnnouncerRefusal refusal:
                return Ended(FeedEndReason.Refused, OneLine.Printable(refusal.Reason));
            case AnnouncerWelcome when _welcomed:
                return Ended(FeedEndReason.ProtocolViolation, "a second welcome");
            case AnnouncerWelcome { Protocol: not AnnouncerProtocol.Version } welcome:
                return Ended(
                    FeedEndReason.ProtocolViolation,
                    $"the silo speaks version {welcome.Protocol} of the feed and this announcer {AnnouncerProtocol.Version}; run the same release on both");
            case AnnouncerWelcome:
                _welcomed = true;
                return Nothing with { IsWelcome = true };
            case { } when !_welcomed:
                return Ended(FeedEndReason.ProtocolViolation, $"the first line was {order.GetType().Name} and not a welcome");
            case DesiredAnnouncements desired:
                ImmutableArray<string> problems = DesiredCheck.Problems(desired);
                return Nothing with { Desired = problems.IsEmpty ? desired : null, Problems = problems };
            case FailoverNews news:
                return Nothing with { News = FailoverCheck.Usable(news, self, out int refused), Refused = refused };
            default:
                return Nothing;
        }
    }

    private static AnnouncerStep Nothing => new(false, null, [], null, 0, null);

    private static AnnouncerStep Ended(FeedEndReason reason, string detail) => Nothing with { End = new FeedEnd(reason, detail) };
}
