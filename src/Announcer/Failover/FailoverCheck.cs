using System.Collections.Immutable;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Failover;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Failover;

/// <summary>
/// What the failover machine relies on blindly, in what comes from a silo or from the disk: nothing null, every number in a range with which it can reckon.
/// </summary>
internal static class FailoverCheck
{
    /// <summary>Numbers that are counted up are far from their end.</summary>
    private const long MaxNumber = long.MaxValue / 2;

    /// <summary>Longer is as good as for ever, and adding it to something does not overflow.</summary>
    private static readonly TimeSpan MaxFailingFor = TimeSpan.FromDays(365);

    /// <returns>What is wrong with a saved state; null: nothing.</returns>
    public static string? Problem(FailoverDurable durable) =>
        durable.Version is < 0 or > MaxNumber ? "its version is out of range"
        : durable.Given.IsDefault || durable.Given.Length > FailoverPlan.MaxServers ? $"it has promises to more than {FailoverPlan.MaxServers} servers"
        : durable.Given.Any(given => given is null || !DesiredCheck.IsName(given.Server)) ? "it has a promise to nobody"
        : !(durable.Penalty is >= 0 and < double.PositiveInfinity) ? "its penalty is out of range"
        : !IsUsable(durable.Orders) ? "its orders are none"
        : null;

    /// <summary>What of a line can be used; what cannot is left out, and the rest counts.</summary>
    /// <param name="news">As the silo sent it.</param>
    /// <param name="self">This server: nobody else speaks for it.</param>
    /// <param name="refused">How much was left out.</param>
    public static FailoverNews Usable(FailoverNews news, string self, out int refused)
    {
        int left = 0;
        var usable = new FailoverNews
        {
            Views = Those(news.Views, view => IsUsable(view, self)),
            Questions = Those(news.Questions, question => IsUsable(question, self)),
            Replies = [.. Those(news.Replies, reply => DesiredCheck.IsName(reply.Server) && reply.Server != self && DesiredCheck.IsName(reply.Pop))
                .Select(reply => reply with
                {
                    Why = reply.Why is { } why ? OneLine.Printable(why, FailoverLimits.MaxTextLength) : reply.IsGranted ? null : "no reason was given",
                })],
            Orders = news.Orders is { } orders && IsUsable(orders) ? orders : null,
            Warmed = news.Warmed,
        };
        left += news.Orders is not null && usable.Orders is null ? 1 : 0;
        refused = left;
        return usable;

        ImmutableArray<T> Those<T>(ImmutableArray<T> all, Func<T, bool> isUsable)
            where T : class
        {
            ImmutableArray<T> those = [.. all.Take(FailoverLimits.MaxQueued).Where(item => item is not null && isUsable(item))];
            left += all.Length - those.Length;
            return those;
        }
    }

    private static bool IsUsable(PeerView view, string self) =>
        DesiredCheck.IsName(view.Server) && view.Server != self && DesiredCheck.IsName(view.Pop)
        && Enum.IsDefined(view.Phase) && Enum.IsDefined(view.Level)
        && (view.FailingCheck is null || DesiredCheck.IsName(view.FailingCheck))
        && view.FailingFor >= TimeSpan.Zero && view.FailingFor <= MaxFailingFor;

    private static bool IsUsable(PledgeRequest request, string self) =>
        DesiredCheck.IsName(request.Server) && request.Server != self && DesiredCheck.IsName(request.Pop)
        && (request.Check is null ? request.IsVoluntary : DesiredCheck.IsName(request.Check) && !request.IsVoluntary);

    private static bool IsUsable(FailoverOrders? orders) => orders is { Version: >= 0 and <= MaxNumber } && Enum.IsDefined(orders.Pin);
}
