using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Grains.Notifications;

/// <summary>How long to wait after a failed attempt. Pure.</summary>
internal static class DeliveryBackoff
{
    /// <summary>A receiver that restarts is back within about a second.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>How late an event may be after an outage has ended; and what a receiver that refuses is asked at most.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>A receiver may ask for so much and no more: chats ask for seconds, and who is away for longer can be tried in between.</summary>
    public static readonly TimeSpan LongestAskedFor = TimeSpan.FromHours(1);

    /// <summary>2^10 times the first is past the longest; the cap keeps the shift from overflowing.</summary>
    private const int MaxDoublings = 10;

    /// <param name="failures">In a row, with this one: 1 or more.</param>
    /// <param name="outcome">Of this one.</param>
    /// <param name="retryAfter">What the receiver asked for.</param>
    /// <param name="jitter">0 to 1: waits are drawn from the upper half of their step, so that the webhooks of one receiver do not come back in one wave.</param>
    public static TimeSpan After(int failures, DeliveryOutcome outcome, TimeSpan? retryAfter, double jitter)
    {
        TimeSpan step = outcome == DeliveryOutcome.Refused
            ? Longest
            : TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(failures - 1, MaxDoublings)));
        TimeSpan wait = step * (0.5 + (jitter / 2));
        TimeSpan asked = retryAfter is not { } time ? TimeSpan.Zero : time < LongestAskedFor ? time : LongestAskedFor;
        return wait > asked ? wait : asked;
    }
}
