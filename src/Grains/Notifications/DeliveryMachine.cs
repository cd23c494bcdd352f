using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Notifications;

/// <summary>
/// A webhook's deliveries: one at a time, in the order of the events, each until it is taken. What the log forgets meanwhile is counted, and
/// the receiver is told how much that is. Pure.
/// </summary>
internal static class DeliveryMachine
{
    /// <summary>20 KB with usual events, which is what the Standard Webhooks specification advises.</summary>
    public const int MaxEvents = 50;

    /// <summary>One or two failed attempts are what a receiver's restart looks like.</summary>
    public const int TellAfter = 3;

    /// <summary>Beyond the webhook's timeout: to tell how it ended, also over a database that is restarted.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Events passed over that are not worth a write: read again after a crash.</summary>
    private const int UnwrittenEvents = Events.EventLog.SegmentEvents;

    /// <summary>An attempt may begin. Times too far away are those of a clock that was set.</summary>
    public static bool IsDue(DeliveryRow row, long configVersion, DateTimeOffset now) =>
        DueAt(row, configVersion) is not { } due || due <= now || due - now > DeliveryBackoff.LongestAskedFor + ConfigLimits.MaxNotificationTimeout;

    /// <summary>Null: at any time.</summary>
    public static DateTimeOffset? DueAt(DeliveryRow row, long configVersion) =>
        row.SendingUntil ?? (configVersion > row.ConfigVersion ? null : row.NotBefore);

    /// <summary>What the log is asked for before a <see cref="DeliveryLooked"/>, and how much waits.</summary>
    public static EventQuery Question(DeliveryRow row, NotificationConfig webhook) => new()
    {
        After = row.Cursor ?? 0,
        Kinds = EventPatterns.Matching(webhook.Events),
        MinSeverity = webhook.MinSeverity,
        ExceptWebhook = webhook.Name,
        Limit = MaxEvents,
    };

    /// <param name="name">The webhook's.</param>
    /// <param name="row">Its state.</param>
    /// <param name="happening">What happens.</param>
    /// <param name="now">The time.</param>
    public static DeliveryStep Step(string name, DeliveryRow row, DeliveryEvent happening, DateTimeOffset now) => happening switch
    {
        // A second beginning is one whose answer was lost.
        DeliveryBegan began => row.Cursor is null ? Written(row with { Cursor = began.Newest }) : Nothing(row),

        // Without a beginning it is not in the config any more, and the caller does not know yet.
        DeliveryLooked looked => row.Cursor is { } && IsDue(row, looked.ConfigVersion, now) ? Look(name, row, looked, now) : Nothing(row),
        DeliveryEnded ended => End(name, row, ended, now),
        ReceiverWorks => row.NotBefore is null ? Nothing(row) : Written(row with { NotBefore = null }),
        _ => throw new UnreachableException($"no such event: {happening}"),
    };

    private static DeliveryStep Look(string name, DeliveryRow before, DeliveryLooked looked, DateTimeOffset now)
    {
        // :: Step 1: what the log has forgotten. Ids of one log have no gaps; the first id of all is any number, and before it is nothing to count.
        bool isFirst = before.Cursor == 0 && looked.Log.Oldest > 0;
        DeliveryRow row = isFirst ? before with { Cursor = looked.Log.Oldest - 1 } : before;
        ImmutableArray<NewEvent> news = [];
        long forgotten = Math.Max(0, looked.Log.Oldest - 1 - row.Cursor!.Value);
        if (forgotten > 0)
        {
            row = row with { Cursor = looked.Log.Oldest - 1, Open = null, Untold = row.Untold + forgotten, Missed = row.Missed + forgotten };
            news = [Happenings.WebhookMissed(name, forgotten)];
        }

        // :: Step 2: the delivery that was tried already, unless another config wants other events, or has less room for them.
        ImmutableArray<CdnEvent> events = row.Open is { } open ? [.. looked.Log.Events.TakeWhile(e => e.Id <= open.UpTo)] : [];
        if (row.Open is { } tried && (events.Length != tried.Count || Fitting(events) != tried.Count))
        {
            row = row with { Open = null };
        }

        // :: Step 3: else a new one, of as many as fit.
        if (row.Open is null)
        {
            events = looked.Log.Events[..Fitting(looked.Log.Events)];
            if (events.IsEmpty && row.Untold == 0)
            {
                row = row with { Cursor = Math.Max(row.Cursor!.Value, looked.Log.Next) };
                bool isWorthIt = isFirst || row.Cursor - before.Cursor >= UnwrittenEvents || row.Open != before.Open || !news.IsEmpty;
                return row == before ? Nothing(before) : new DeliveryStep(row, isWorthIt, null, news);
            }

            row = row with { Open = new OpenDelivery(events.IsEmpty ? row.Cursor!.Value : events[^1].Id, events.Length) };
        }

        // :: Step 4: out.
        row = row with
        {
            Attempts = unchecked(row.Attempts + 1),
            SendingUntil = now + looked.Webhook.Timeout + Patience,
            NotBefore = null,
            ConfigVersion = looked.ConfigVersion,
        };
        var order = new DeliveryOrder
        {
            Id = IdOf(name, row),
            Attempt = row.Attempts,
            Webhook = looked.Webhook,
            Events = events,
            Missed = row.Untold,
        };
        return new DeliveryStep(row, MustWrite: true, order, news);

        int Fitting(ImmutableArray<CdnEvent> some) => DeliveryText.Fitting(looked.Webhook.Format, row.Untold, some);
    }

    private static DeliveryStep End(string name, DeliveryRow row, DeliveryEnded ended, DateTimeOffset now)
    {
        DeliveryResult result = ended.Result;
        bool isTheOneUnderWay = row.SendingUntil is not null && result.Attempt == row.Attempts;
        if (row.Open is not { } open || result.Id != IdOf(name, row))
        {
            // Told again; or the log has forgotten it meanwhile, and it was counted; or a late answer of an earlier attempt was enough.
            return isTheOneUnderWay ? Written(row with { SendingUntil = null }) : Nothing(row);
        }

        if (result.Outcome == DeliveryOutcome.Delivered)
        {
            // Whichever attempt it was: the receiver has it. One that is still under way is waited for, so that there are never two.
            DeliveryRow delivered = row with
            {
                Cursor = open.UpTo, Open = null, SendingUntil = isTheOneUnderWay ? null : row.SendingUntil, NotBefore = null, Failures = 0, IsTold = false, Untold = 0, LastSuccess = now,
            };
            return new DeliveryStep(delivered, MustWrite: true, null, row.IsTold ? [Happenings.WebhookRestored(name, row.Failures)] : []);
        }

        if (!isTheOneUnderWay)
        {
            // Another attempt is under way: what became of this one does not matter.
            return Nothing(row);
        }

        if (result.Outcome == DeliveryOutcome.Interrupted)
        {
            return Written(row with { SendingUntil = null });
        }

        int failures = row.Failures == int.MaxValue ? row.Failures : row.Failures + 1;
        bool isRefused = NeedsMending(result.Outcome);
        var failure = new WebhookFailure(now, result.Outcome, result.Evidence);
        bool isToTell = !row.IsTold && (isRefused || failures >= TellAfter);
        DeliveryRow failed = row with
        {
            SendingUntil = null,
            NotBefore = now + DeliveryBackoff.After(failures, result.Outcome, result.RetryAfter, ended.Jitter),
            Failures = failures,
            IsTold = row.IsTold || isToTell,
            LastFailure = failure,
        };
        return new DeliveryStep(failed, MustWrite: true, null, isToTell ? [Happenings.WebhookFailing(name, failure, isRefused)] : []);
    }

    /// <summary>Time alone does not change it.</summary>
    public static bool NeedsMending(DeliveryOutcome outcome) =>
        outcome is DeliveryOutcome.Refused or DeliveryOutcome.NotAllowed or DeliveryOutcome.NotReady;

    /// <summary>By what it holds: the same for each attempt, also after a crash. Without a full stop, as the specification of the signature wants it.</summary>
    private static string IdOf(string name, DeliveryRow row) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}_{row.Cursor}_{row.Open!.UpTo}_{row.Open.Count}");

    private static DeliveryStep Nothing(DeliveryRow row) => new(row, MustWrite: false, null, []);

    private static DeliveryStep Written(DeliveryRow row) => new(row, MustWrite: true, null, []);
}
