using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains.Routing;
using static OrleansCdn.Grains.Tests.Routing.RoutingSamples;

namespace OrleansCdn.Grains.Tests.Routing;

public sealed class UpstreamIntentTests
{
    private UpstreamRow _row = new();
    private DateTimeOffset _now = Start;
    private int _ids;

    /// <summary>Keeps what the step gives, as the grain does after its write.</summary>
    private UpstreamStep Do(UpstreamEvent happening)
    {
        UpstreamStep step = UpstreamIntent.Step(_row, happening, He, _now);
        Assert.True(step.Error is null || ReferenceEquals(step.Row, _row), "an error changes nothing");
        _row = step.Row;
        return step;
    }

    private UpstreamStep Ask(UpstreamChange change) => Do(new ChangeAsked(change, $"s{++_ids}"));

    [Fact]
    public void Each_change_is_a_version_with_what_it_was_before()
    {
        Ask(Change(Prepend(2)));
        _now += TimeSpan.FromMinutes(1);
        Assert.Equal(UpstreamVerdict.Applied, Ask(Change(Of(RouteAction.Withdraw), "ops")).Verdict);
        Assert.Equal((2L, false, 2), (_row.Version, _row.Intent.Announce, _row.Intent.Prepend));
        Assert.Equal([("noc", "prepend 2"), ("ops", "withdraw")], _row.History.Select(v => (v.Who, v.What)));
        Assert.Equal(("announce", null, "false"), _row.History[1].Changes.Select(c => (c.Path, c.Before, c.After)).Single());
        Assert.Equal(_now, _row.History[1].When);
        Assert.Equal(UpstreamVerdict.Unchanged, Ask(Change(Of(RouteAction.Withdraw))).Verdict);
        Assert.Equal(2, _row.Version);
    }

    [Fact]
    public void History_is_bounded_and_what_it_lost_cannot_be_gone_back_to()
    {
        for (int i = 0; i < UpstreamRow.MaxHistory + 10; i++)
        {
            Ask(Change(Prepend(1 + (i % 2))));
        }

        Assert.Equal(UpstreamRow.MaxHistory, _row.History.Length);
        Assert.Equal(UpstreamRow.MaxHistory + 10, _row.Version);
        Assert.Equal(UpstreamVerdict.UnknownVersion, Ask(Change() with { RollbackTo = 5 }).Verdict);
        Assert.Equal(UpstreamVerdict.Applied, Ask(Change() with { RollbackTo = 11 }).Verdict);
        Assert.Equal(11, _row.History[^1].RolledBackTo);
        Assert.Equal(UpstreamVerdict.Applied, Ask(Change() with { RollbackTo = 0 }).Verdict);
        Assert.True(IntentDiff.AreSame(RouteIntent.Empty, _row.Intent));
    }

    [Fact]
    public void A_repeated_request_does_nothing_and_a_late_one_is_a_conflict()
    {
        UpstreamChange first = Change(Prepend(2)) with { ExpectedVersion = 0, Author = new RouteAuthor { Who = "noc", RequestId = "r1" } };
        Ask(first);
        Ask(Change(Prepend(3)));
        Assert.Equal((UpstreamVerdict.Unchanged, 3), (Ask(first).Verdict, _row.Intent.Prepend));
        Assert.Equal(UpstreamVerdict.Conflict, Ask(first with { Author = new RouteAuthor { Who = "noc", RequestId = "r2" } }).Verdict);
    }

    [Fact]
    public void A_repeated_request_for_later_is_scheduled_once()
    {
        UpstreamChange later = Change(Prepend(2)) with { From = Start.AddHours(2), Author = new RouteAuthor { Who = "noc", RequestId = "r1" } };
        Ask(later);
        Ask(later);
        Assert.Single(_row.Schedules);
    }

    [Fact]
    public void A_carrier_keeps_what_the_config_says_until_something_else_is_said()
    {
        Ask(Change(new IntentChange { Action = RouteAction.Withdraw, Carrier = 1299 }));
        Assert.Equal([new CarrierIntent(1299, 0, true)], _row.Intent.Carriers.AsEnumerable());
        Ask(Change(new IntentChange { Action = RouteAction.Prepend, Prepend = 2, Carrier = 1299 }));
        Assert.Equal([new CarrierIntent(1299, 2, false)], _row.Intent.Carriers.AsEnumerable());
        Ask(Change(new IntentChange { Action = RouteAction.Default, Carrier = 1299 }));
        Assert.Empty(_row.Intent.Carriers);
        Assert.Equal(UpstreamVerdict.Invalid, Ask(Change(new IntentChange { Action = RouteAction.NoExport, Carrier = 1299 })).Verdict);
    }

    [Fact]
    public void Intents_for_carriers_and_prefixes_are_bounded()
    {
        for (uint asn = 1; asn <= IntentEdit.MaxEntries; asn++)
        {
            Assert.Equal(UpstreamVerdict.Applied, Ask(Change(new IntentChange { Action = RouteAction.Withdraw, Carrier = asn })).Verdict);
        }

        Assert.Equal(UpstreamVerdict.Invalid, Ask(Change(new IntentChange { Action = RouteAction.Withdraw, Carrier = 70000 })).Verdict);
        Assert.Equal(UpstreamVerdict.Applied, Ask(Change(new IntentChange { Action = RouteAction.Announce, Carrier = 1 })).Verdict);
    }

    [Fact]
    public void What_begins_later_ends_by_itself()
    {
        Ask(Change(Prepend(1)));
        Assert.Equal(UpstreamVerdict.Scheduled, Ask(Change(Of(RouteAction.Withdraw)) with { From = Start.AddHours(2), Until = Start.AddHours(4) }).Verdict);
        string id = Assert.Single(_row.Schedules).Id;
        Assert.Equal(Start.AddHours(2), RouteSchedules.NextDue(_row.Schedules));
        Assert.Equal(UpstreamVerdict.Unchanged, Do(new ScheduleDue(id, false)).Verdict);

        _now = Start.AddHours(2);
        Assert.Single(RouteSchedules.DueNow(_row.Schedules, _now));
        Do(new ScheduleDue(id, false));
        Assert.Equal((false, 1, 2L), (_row.Intent.Announce, _row.Intent.Prepend, _row.Version));
        Assert.Equal(UpstreamVerdict.Unchanged, Do(new ScheduleDue(id, false)).Verdict);
        Assert.Equal(Start.AddHours(4), RouteSchedules.NextDue(_row.Schedules));

        _now = Start.AddHours(5);
        Do(new ScheduleDue(id, false));
        Assert.Equal((null, 1, 3L), (_row.Intent.Announce, _row.Intent.Prepend, _row.Version));
        Assert.Empty(_row.Schedules);
        Assert.Equal((UpstreamIntent.ScheduleAuthor, id), (_row.History[^1].Who, _row.History[^1].Schedule));
        Assert.Equal(UpstreamVerdict.Unchanged, Do(new ScheduleDue(id, false)).Verdict);
    }

    [Fact]
    public void The_end_of_a_schedule_leaves_what_was_decided_meanwhile()
    {
        Ask(Change(Prepend(1)));
        Ask(Change(Prepend(4)) with { Until = Start.AddHours(1) });
        Ask(Change(Of(RouteAction.NoExport)));
        Ask(Change(Prepend(5)));
        _now = Start.AddHours(1);
        Do(new ScheduleDue(_row.Schedules[0].Id, false));
        Assert.Equal((5, true), (_row.Intent.Prepend, _row.Intent.NoExport));
        Assert.Empty(_row.Schedules);
    }

    [Fact]
    public void A_schedule_in_force_that_is_dropped_ends_and_one_to_come_never_begins()
    {
        Ask(Change(Prepend(4)) with { Until = Start.AddHours(1) });
        Ask(Change(Of(RouteAction.Withdraw)) with { From = Start.AddHours(3) });
        Do(new ScheduleCancelled(_row.Schedules[0].Id, new RouteAuthor { Who = "ops" }));
        Assert.Equal((null, 2L), (_row.Intent.Prepend, _row.Version));
        Do(new ScheduleCancelled(_row.Schedules[0].Id, new RouteAuthor { Who = "ops" }));
        Assert.Equal((2L, 0), (_row.Version, _row.Schedules.Length));
        Assert.Equal(UpstreamVerdict.UnknownSchedule, Do(new ScheduleCancelled("s1", new RouteAuthor { Who = "ops" })).Verdict);
    }

    [Fact]
    public void A_schedule_whose_whole_time_went_by_is_not_begun()
    {
        Ask(Change(Of(RouteAction.Withdraw)) with { From = Start.AddHours(2), Until = Start.AddHours(4) });
        _now = Start.AddDays(3);
        Do(new ScheduleDue(_row.Schedules[0].Id, false));
        Assert.Equal((ScheduleState.Failed, 0L), (_row.Schedules[0].State, _row.Version));
        Assert.Null(RouteSchedules.NextDue(_row.Schedules));
    }

    [Fact]
    public void Schedules_and_what_is_kept_of_failed_ones_are_bounded()
    {
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < UpstreamRow.MaxSchedules; i++)
            {
                Assert.Equal(UpstreamVerdict.Scheduled, Ask(Change(Prepend(1)) with { From = _now.AddHours(1) }).Verdict);
            }

            Assert.Equal(UpstreamVerdict.Invalid, Ask(Change(Prepend(1)) with { From = _now.AddHours(1) }).Verdict);
            foreach (RouteSchedule schedule in _row.Schedules.Where(s => s.State == ScheduleState.Pending))
            {
                Do(new ScheduleRefused(schedule.Id, "no"));
            }

            Assert.Equal(UpstreamRow.MaxFailed, _row.Schedules.Length);
        }
    }

    [Theory]
    [InlineData(null, -1.0)]
    [InlineData(2.0, 1.0)]
    [InlineData(2.0, 2.0)]
    [InlineData(9000.0, null)]
    [InlineData(null, 9000.0)]
    public void Times_that_make_no_sense_are_refused(double? from, double? until) => Assert.Equal(
        UpstreamVerdict.Invalid,
        Ask(Change(Prepend(1)) with { From = from is { } f ? Start.AddHours(f) : null, Until = until is { } u ? Start.AddHours(u) : null }).Verdict);

    [Fact]
    public void Whatever_is_asked_versions_count_up_and_the_history_leads_to_the_intent()
    {
        int seed = new Random().Next();
        var random = new Random(seed);
        for (int i = 0; i < 2000; i++)
        {
            _now += TimeSpan.FromMinutes(random.Next(30));
            long before = _row.Version;
            RouteSchedule? some = _row.Schedules.Length == 0 ? null : _row.Schedules[random.Next(_row.Schedules.Length)];
            switch (random.Next(8))
            {
                case 0 when some is not null:
                    Do(new ScheduleCancelled(some.Id, new RouteAuthor { Who = "x" }));
                    break;
                case 1 or 2 when some is not null:
                    Do(new ScheduleDue(some.Id, false));
                    break;
                case 3:
                    Ask(Change() with { RollbackTo = random.NextInt64(_row.Version + 2) });
                    break;
                default:
                    Ask(Change(new IntentChange
                    {
                        Action = (RouteAction)random.Next(8),
                        Prepend = random.Next(7),
                        Carrier = random.Next(3) == 0 ? (uint)random.Next(1, 4) : null,
                        Prefix = random.Next(3) == 0 ? (random.Next(2) == 0 ? One : Two).ToString() : null,
                        On = random.Next(2) == 0,
                    }) with
                    {
                        From = random.Next(3) == 0 ? _now.AddMinutes(random.Next(100)) : null,
                        Until = random.Next(3) == 0 ? _now.AddMinutes(random.Next(200)) : null,
                    });
                    break;
            }

            Assert.True(_row.Version - before is 0 or 1, $"seed {seed}");
            Assert.True(_row.History.Length == 0 || _row.History[^1].Version == _row.Version, $"seed {seed}");
            Assert.True(_row.Version == 0 || IntentDiff.AreSame(_row.History[^1].Intent, _row.Intent), $"seed {seed}");
            Assert.True(_row.Intent.Carriers.Length <= IntentEdit.MaxEntries && _row.Schedules.Length <= UpstreamRow.MaxSchedules + UpstreamRow.MaxFailed, $"seed {seed}");
        }
    }
}
