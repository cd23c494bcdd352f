using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains.Notifications;

namespace OrleansCdn.Grains.Tests.Notifications;

public sealed class DeliveryMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly NotificationConfig Webhook = new()
    {
        Name = "oncall", Url = "https://hooks.example.net/", MinSeverity = EventSeverity.Info, Format = NotificationFormat.Json, AllowPrivate = false, Timeout = TimeSpan.FromSeconds(10),
    };

    private readonly List<NewEvent> _news = [];
    private DeliveryRow _row = new();
    private DateTimeOffset _now = Start;
    private NotificationConfig _webhook = Webhook;
    private long _version = 1;

    private static CdnEvent Event(long id, string what = "it happened") =>
        new() { Id = id, When = Start, Kind = EventKind.Drain, Severity = EventSeverity.Warning, Pop = "waw", What = what, Count = 1 };

    private static EventsReply Log(long oldest, long next, params long[] wanted) =>
        new() { Events = [.. wanted.Select(id => Event(id))], Next = next, Oldest = oldest };

    private DeliveryStep Step(DeliveryEvent happening)
    {
        DeliveryStep step = DeliveryMachine.Step("oncall", _row, happening, _now);
        _row = step.Row;
        _news.AddRange(step.News);
        return step;
    }

    private DeliveryOrder? Look(EventsReply log) => Step(new DeliveryLooked(_version, _webhook, log)).Order;

    private void End(DeliveryOrder order, DeliveryOutcome outcome, TimeSpan? retryAfter = null, double jitter = 1) => Step(new DeliveryEnded(
        new DeliveryResult { Id = order.Id, Attempt = order.Attempt, Outcome = outcome, Evidence = $"{outcome}", RetryAfter = retryAfter }, jitter));

    private DeliveryMachineTests Begun(long newest = 100)
    {
        Assert.True(Step(new DeliveryBegan(newest)).MustWrite);
        return this;
    }

    [Fact]
    public void A_new_webhook_begins_with_the_present_and_once()
    {
        Begun(100);
        Assert.Equal(100, DeliveryMachine.Question(_row, Webhook).After);
        Assert.False(Step(new DeliveryBegan(200)).MustWrite);
        Assert.Equal(100, _row.Cursor);
    }

    [Fact]
    public void What_has_not_begun_is_sent_nothing()
    {
        Assert.Null(Look(Log(1, 5, 3, 4)));
        Assert.Equal(new DeliveryRow(), _row);
    }

    [Fact]
    public void A_delivery_moves_the_cursor_when_it_was_taken_and_not_before()
    {
        Begun();
        DeliveryOrder order = Look(Log(1, 110, 103, 107))!;
        Assert.Equal([103, 107], order.Events.Select(e => e.Id));
        Assert.Equal(100, _row.Cursor);
        Assert.Null(Look(Log(1, 110, 103, 107)));
        End(order, DeliveryOutcome.Delivered);
        Assert.Equal((107L, Start), (_row.Cursor, _row.LastSuccess));
        Assert.Null(Look(Log(1, 110)));
        Assert.Equal(110, _row.Cursor);
        Assert.Empty(_news);
    }

    [Fact]
    public void A_failed_attempt_is_made_again_with_the_same_events_under_the_same_id()
    {
        Begun();
        DeliveryOrder first = Look(Log(1, 103, 103))!;
        End(first, DeliveryOutcome.Unavailable);
        Assert.Null(Look(Log(1, 104, 103, 104)));
        _now += TimeSpan.FromSeconds(1);
        DeliveryOrder second = Look(Log(1, 104, 103, 104))!;
        Assert.Equal(first.Id, second.Id);
        Assert.NotEqual(first.Attempt, second.Attempt);
        Assert.Equal([103], second.Events.Select(e => e.Id));
        End(second, DeliveryOutcome.Delivered);
        DeliveryOrder third = Look(Log(1, 104, 104))!;
        Assert.NotEqual(first.Id, third.Id);
        Assert.DoesNotContain('.', third.Id);
    }

    [Theory]
    [InlineData(1, 0, 500)]
    [InlineData(1, 1, 1000)]
    [InlineData(2, 1, 2000)]
    [InlineData(10, 1, 512_000)]
    [InlineData(11, 1, 600_000)]
    [InlineData(11, 0, 300_000)]
    [InlineData(int.MaxValue, 1, 600_000)]
    public void Waits_double_from_a_second_to_ten_minutes_with_jitter(int failures, double jitter, int ms) =>
        Assert.Equal(TimeSpan.FromMilliseconds(ms), DeliveryBackoff.After(failures, DeliveryOutcome.TimedOut, null, jitter));

    [Fact]
    public void A_receiver_may_ask_for_more_time_and_not_for_a_day_or_less()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), DeliveryBackoff.After(1, DeliveryOutcome.Unavailable, TimeSpan.FromSeconds(30), 1));
        Assert.Equal(TimeSpan.FromSeconds(1), DeliveryBackoff.After(1, DeliveryOutcome.Unavailable, TimeSpan.FromSeconds(-5), 1));
        Assert.Equal(TimeSpan.FromHours(1), DeliveryBackoff.After(1, DeliveryOutcome.Unavailable, TimeSpan.FromDays(1), 1));
        Assert.Equal(TimeSpan.FromMinutes(10), DeliveryBackoff.After(1, DeliveryOutcome.Refused, null, 1));
    }

    [Fact]
    public void Failing_is_told_once_and_so_is_the_end_of_it()
    {
        Begun();
        for (int i = 1; i <= 5; i++)
        {
            End(Look(Log(1, 103, 103))!, DeliveryOutcome.TimedOut);
            Assert.Equal(i < DeliveryMachine.TellAfter ? 0 : 1, _news.Count);
            _now += TimeSpan.FromMinutes(10);
        }

        Assert.Equal((EventKind.WebhookFailing, EventSeverity.Warning, "oncall"), (_news[0].Kind, _news[0].Severity, _news[0].Webhook));
        End(Look(Log(1, 103, 103))!, DeliveryOutcome.Delivered);
        Assert.Equal([EventKind.WebhookFailing, EventKind.WebhookRestored], _news.Select(n => n.Kind));
        Assert.Equal((0, false), (_row.Failures, _row.IsTold));
        Assert.Equal("TimedOut", _row.LastFailure?.Evidence);
    }

    [Theory]
    [InlineData(DeliveryOutcome.Refused)]
    [InlineData(DeliveryOutcome.NotAllowed)]
    [InlineData(DeliveryOutcome.NotReady)]
    public void What_somebody_has_to_mend_is_told_at_once_with_the_evidence(DeliveryOutcome outcome)
    {
        Begun();
        End(Look(Log(1, 103, 103))!, outcome);
        Assert.Equal((EventKind.WebhookFailing, EventSeverity.Problem, $"{outcome}"), (_news.Single().Kind, _news[0].Severity, _news[0].Why));
    }

    [Fact]
    public void It_asks_for_nothing_about_itself()
    {
        EventQuery query = DeliveryMachine.Question(_row, Webhook with { Events = ["Session*", "Webhook*"], MinSeverity = EventSeverity.Warning });
        Assert.False(query.Wants(Event(5) with { Kind = EventKind.WebhookFailing, Webhook = "oncall" }));
        Assert.True(query.Wants(Event(5) with { Kind = EventKind.WebhookFailing, Webhook = "other" }));
        Assert.True(query.Wants(Event(5) with { Kind = EventKind.SessionLost }));
        Assert.False(query.Wants(Event(5) with { Kind = EventKind.SessionLost, Severity = EventSeverity.Info }));
        Assert.False(query.Wants(Event(5)));
    }

    [Fact]
    public void What_the_log_has_forgotten_is_counted_told_to_the_receiver_and_in_the_time_line()
    {
        Begun(100);
        DeliveryOrder first = Look(Log(50, 103, 103))!;
        End(first, DeliveryOutcome.Unavailable);
        _now += TimeSpan.FromMinutes(10);
        DeliveryOrder second = Look(Log(151, 200, 160))!;
        Assert.Equal(50, second.Missed);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal((EventKind.WebhookMissed, "50 of all kinds"), (_news.Single().Kind, _news[0].Why));
        End(first, DeliveryOutcome.Delivered);
        Assert.NotNull(_row.Open);
        End(second, DeliveryOutcome.Unavailable);
        _now += TimeSpan.FromMinutes(10);
        Assert.Equal((second.Id, 50), (Look(Log(151, 200, 160)) is { } third ? (third.Id, third.Missed) : default));
        End(second, DeliveryOutcome.Delivered);
        Assert.Equal((160, 0, 50), (_row.Cursor, _row.Untold, _row.Missed));
    }

    [Fact]
    public void That_something_was_forgotten_is_told_also_when_nothing_else_is()
    {
        Begun(100);
        DeliveryOrder order = Look(Log(111, 200))!;
        Assert.Equal((0, 10), (order.Events.Length, order.Missed));
        End(order, DeliveryOutcome.Delivered);
        Assert.Null(Look(Log(111, 200)));
        Assert.Equal(200, _row.Cursor);
    }

    [Fact]
    public void A_log_that_begins_after_the_webhook_has_forgotten_nothing()
    {
        Begun(0);
        DeliveryOrder order = Look(Log(1_767_225_600, 1_767_225_601, 1_767_225_600))!;
        Assert.Equal(0, order.Missed);
    }

    [Fact]
    public void An_attempt_of_which_nobody_tells_is_made_again_and_its_late_failure_does_not_count()
    {
        Begun();
        DeliveryOrder lost = Look(Log(1, 103, 103))!;
        _now += Webhook.Timeout;
        Assert.Null(Look(Log(1, 103, 103)));
        Assert.Equal(_row.SendingUntil, DeliveryMachine.DueAt(_row, _version));
        _now += DeliveryMachine.Patience;
        DeliveryOrder next = Look(Log(1, 103, 103))!;
        Assert.Equal(lost.Id, next.Id);
        End(lost, DeliveryOutcome.TimedOut);
        Assert.Equal(0, _row.Failures);
        Assert.NotNull(_row.SendingUntil);
        End(lost, DeliveryOutcome.Delivered);
        Assert.Equal(103L, _row.Cursor);
        Assert.Null(Look(Log(1, 104, 104)));
        End(next, DeliveryOutcome.TimedOut);
        Assert.Equal((103L, 0), (_row.Cursor, _row.Failures));
        Assert.NotNull(Look(Log(1, 104, 104)));
    }

    [Fact]
    public void A_silo_that_ends_leaves_the_delivery_to_the_next_one_at_once()
    {
        Begun();
        DeliveryOrder order = Look(Log(1, 103, 103))!;
        End(order, DeliveryOutcome.Interrupted);
        Assert.Equal(0, _row.Failures);
        Assert.Equal(order.Id, Look(Log(1, 103, 103))!.Id);
    }

    [Fact]
    public void Another_config_and_a_test_that_went_well_end_the_back_off()
    {
        Begun();
        End(Look(Log(1, 103, 103))!, DeliveryOutcome.Refused);
        Assert.Null(Look(Log(1, 103, 103)));
        _version++;
        End(Look(Log(1, 103, 103))!, DeliveryOutcome.Refused);
        Assert.Null(Look(Log(1, 103, 103)));
        Step(new ReceiverWorks());
        Assert.NotNull(Look(Log(1, 103, 103)));
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_hold_deliveries_for_ever()
    {
        Begun();
        End(Look(Log(1, 103, 103))!, DeliveryOutcome.Unavailable, TimeSpan.FromHours(1));
        Assert.Null(Look(Log(1, 103, 103)));
        _now -= TimeSpan.FromDays(30);
        Assert.NotNull(Look(Log(1, 103, 103)));
    }

    [Fact]
    public void A_filter_that_wants_more_or_a_format_with_less_room_makes_another_delivery()
    {
        Begun();
        DeliveryOrder first = Look(Log(1, 110, 103, 107))!;
        End(first, DeliveryOutcome.Unavailable);
        _version++;
        DeliveryOrder more = Look(Log(1, 110, 103, 105, 107))!;
        Assert.Equal((false, 3), (more.Id == first.Id, more.Events.Length));
        End(more, DeliveryOutcome.Unavailable);
        _version++;
        _webhook = Webhook with { Format = NotificationFormat.Discord };
        EventsReply wordy = new() { Events = [Event(103, new string('a', 650)), Event(105, new string('b', 650)), Event(107, new string('c', 650))], Next = 110, Oldest = 1 };
        Assert.Equal([103, 105], Look(wordy)!.Events.Select(e => e.Id));
    }

    [Fact]
    public void Events_that_are_none_of_its_own_cost_a_write_now_and_then()
    {
        Begun();
        Assert.False(Step(new DeliveryLooked(1, Webhook, Log(1, 149))).MustWrite);
        Assert.Equal(149, _row.Cursor);
        Assert.False(Step(new DeliveryLooked(1, Webhook, Log(1, 149))).MustWrite);
        Assert.True(Step(new DeliveryLooked(1, Webhook, Log(1, 199))).MustWrite);
    }
}
