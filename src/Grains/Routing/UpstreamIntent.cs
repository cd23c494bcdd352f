using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>What happens to the intent of an upstream.</summary>
internal abstract record UpstreamEvent;

/// <summary>An operator asks for a change.</summary>
internal sealed record ChangeAsked(UpstreamChange Change, string NewId) : UpstreamEvent;

/// <summary>The time of a schedule has come: its begin, or its end.</summary>
internal sealed record ScheduleDue(string Id, bool Force) : UpstreamEvent;

/// <summary>A schedule could not be begun.</summary>
internal sealed record ScheduleRefused(string Id, string Reason) : UpstreamEvent;

internal sealed record ScheduleCancelled(string Id, RouteAuthor Author) : UpstreamEvent;

/// <param name="Verdict">What became of it.</param>
/// <param name="Row">The row after it; the same as before where nothing changes.</param>
/// <param name="Error">With the verdicts that refuse: what is wrong and what would be right.</param>
internal readonly record struct UpstreamStep(UpstreamVerdict Verdict, UpstreamRow Row, string? Error = null)
{
    public bool ChangesIntent(UpstreamRow before) => Row.Version != before.Version;
}

/// <summary>
/// The intent of one upstream, with its versions and schedules. Pure: whether an intent can be compiled is asked by the caller,
/// who keeps the row of a step or drops it.
/// </summary>
internal static class UpstreamIntent
{
    /// <summary>Longest time ahead: whoever plans for later has forgotten it by then.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(366);

    /// <summary>Name of the author of what ends by itself.</summary>
    public const string ScheduleAuthor = "schedule";

    /// <param name="row">As it is.</param>
    /// <param name="happening">What happens.</param>
    /// <param name="config">The upstream in the config in force.</param>
    /// <param name="now">UTC, by the wall clock: schedules are.</param>
    public static UpstreamStep Step(UpstreamRow row, UpstreamEvent happening, UpstreamConfig config, DateTimeOffset now) => happening switch
    {
        ChangeAsked asked => Change(row, asked, config, now),
        ScheduleDue due => Due(row, due, config, now),
        ScheduleRefused refused => Refused(row, refused),
        ScheduleCancelled cancelled => Cancel(row, cancelled, now),
        _ => throw new UnreachableException($"no such event: {happening.GetType()}"),
    };

    private static UpstreamStep Change(UpstreamRow row, ChangeAsked asked, UpstreamConfig config, DateTimeOffset now)
    {
        UpstreamChange change = asked.Change;
        RouteAuthor author = change.Author;
        bool isRepeated = row.FindRequest(author.RequestId) is not null
            || (author.RequestId is not null && row.Schedules.Any(s => s.Author.RequestId == author.RequestId));
        if (isRepeated)
        {
            // The answer to the first attempt got lost: it was done then.
            return new UpstreamStep(UpstreamVerdict.Unchanged, row);
        }

        if (change.ExpectedVersion is { } expected && expected != row.Version)
        {
            return new UpstreamStep(
                UpstreamVerdict.Conflict, row, $"the intent has version {row.Version}, not {expected}: look at what has changed since, and ask again");
        }

        if (Times(change, now) is { } wrong)
        {
            return new UpstreamStep(UpstreamVerdict.Invalid, row, wrong);
        }

        RouteIntent after;
        string what;
        long? rolledBackTo = null;
        if (change.RollbackTo is { } version)
        {
            if (version != 0 && row.Find(version) is null)
            {
                return new UpstreamStep(
                    UpstreamVerdict.UnknownVersion, row, $"there is no version {version} of this intent, or it is older than the history goes");
            }

            after = version == 0 ? RouteIntent.Empty : row.Find(version)!.Intent;
            (what, rolledBackTo) = ($"back to version {version}", version);
        }
        else
        {
            if (IntentEdit.Apply(row.Intent, change.Set!, config, out after) is { } error)
            {
                return new UpstreamStep(UpstreamVerdict.Invalid, row, error);
            }

            what = IntentEdit.Describe(change.Set!);
        }

        bool isLater = change.From > now;
        if (isLater || change.Until is not null)
        {
            if (row.Schedules.Count(s => s.State != ScheduleState.Failed) >= UpstreamRow.MaxSchedules)
            {
                return new UpstreamStep(UpstreamVerdict.Invalid, row, $"{UpstreamRow.MaxSchedules} schedules are to come or in force already: delete one first");
            }

            var schedule = new RouteSchedule
            {
                Id = asked.NewId,
                State = isLater ? ScheduleState.Pending : ScheduleState.Active,
                From = change.From,
                Until = change.Until,
                What = what,
                Set = change.Set!,
                Author = author,
                When = now,
                Before = isLater ? null : row.Intent,
                After = isLater ? null : after,
            };
            UpstreamRow scheduled = row with { Schedules = row.Schedules.Add(schedule) };
            return isLater
                ? new UpstreamStep(UpstreamVerdict.Scheduled, scheduled)
                : new UpstreamStep(UpstreamVerdict.Applied, With(scheduled, after, what, author, now, schedule: null, rolledBackTo: null));
        }

        return IntentDiff.AreSame(row.Intent, after)
            ? new UpstreamStep(UpstreamVerdict.Unchanged, row)
            : new UpstreamStep(UpstreamVerdict.Applied, With(row, after, what, author, now, schedule: null, rolledBackTo));
    }

    private static string? Times(UpstreamChange change, DateTimeOffset now) => change switch
    {
        { RollbackTo: not null } when change.From is not null || change.Until is not null => "a rollback happens at once, and stays",
        { From: { } from } when from > now + MaxAhead => $"'from' is more than {MaxAhead.TotalDays:0} days ahead",
        { Until: { } until } when until > now + MaxAhead => $"'until' is more than {MaxAhead.TotalDays:0} days ahead",
        { Until: { } until } when until <= now => "'until' is in the past",
        { From: { } from, Until: { } until } when until <= from => "'until' is not after 'from'",
        _ => null,
    };

    private static UpstreamStep Due(UpstreamRow row, ScheduleDue due, UpstreamConfig config, DateTimeOffset now)
    {
        if (row.FindSchedule(due.Id) is not { } schedule || !(RouteSchedules.DueAt(schedule) <= now))
        {
            // Done already by a call whose answer got lost.
            return new UpstreamStep(UpstreamVerdict.Unchanged, row);
        }

        RouteAuthor author = schedule.Author with { RequestId = null };
        if (schedule.State == ScheduleState.Active)
        {
            UpstreamRow ended = row with { Schedules = row.Schedules.Remove(schedule) };
            RouteIntent former = IntentDiff.Restore(row.Intent, schedule.Before!, schedule.After!);
            RouteAuthor end = author with { Who = ScheduleAuthor, From = null };
            return new UpstreamStep(
                UpstreamVerdict.Applied,
                IntentDiff.AreSame(row.Intent, former) ? ended : With(ended, former, $"end of '{schedule.What}' of {author.Who}", end, now, schedule.Id, null));
        }

        if (schedule.Until <= now)
        {
            return Refused(row, new ScheduleRefused(due.Id, "its whole time went by while no silo was there"));
        }

        if (IntentEdit.Apply(row.Intent, schedule.Set, config, out RouteIntent after) is { } error)
        {
            return new UpstreamStep(UpstreamVerdict.Invalid, row, error);
        }

        UpstreamRow begun = row with
        {
            Schedules = schedule.Until is null
                ? row.Schedules.Remove(schedule)
                : row.Schedules.Replace(schedule, schedule with { State = ScheduleState.Active, Before = row.Intent, After = after }),
        };
        return new UpstreamStep(
            UpstreamVerdict.Applied,
            IntentDiff.AreSame(row.Intent, after) ? begun : With(begun, after, schedule.What, author with { Force = author.Force || due.Force }, now, schedule.Id, null));
    }

    private static UpstreamStep Refused(UpstreamRow row, ScheduleRefused refused)
    {
        if (row.FindSchedule(refused.Id) is not { } schedule)
        {
            return new UpstreamStep(UpstreamVerdict.Unchanged, row);
        }

        ImmutableArray<RouteSchedule> schedules = row.Schedules.Replace(schedule, schedule with { State = ScheduleState.Failed, Failure = refused.Reason });
        RouteSchedule[] failed = [.. schedules.Where(s => s.State == ScheduleState.Failed)];
        return new UpstreamStep(
            UpstreamVerdict.Applied, row with { Schedules = failed.Length > UpstreamRow.MaxFailed ? schedules.Remove(failed[0]) : schedules });
    }

    /// <summary>One to come is dropped; one in force ends now.</summary>
    private static UpstreamStep Cancel(UpstreamRow row, ScheduleCancelled cancelled, DateTimeOffset now)
    {
        if (row.FindSchedule(cancelled.Id) is not { } schedule)
        {
            return new UpstreamStep(UpstreamVerdict.UnknownSchedule, row, $"there is no schedule '{cancelled.Id}': it is over, or was never");
        }

        UpstreamRow without = row with { Schedules = row.Schedules.Remove(schedule) };
        if (schedule.State != ScheduleState.Active)
        {
            return new UpstreamStep(UpstreamVerdict.Applied, without);
        }

        RouteIntent former = IntentDiff.Restore(row.Intent, schedule.Before!, schedule.After!);
        return new UpstreamStep(
            UpstreamVerdict.Applied,
            IntentDiff.AreSame(row.Intent, former)
                ? without
                : With(without, former, $"end of '{schedule.What}' ahead of time", cancelled.Author, now, schedule.Id, null));
    }

    private static UpstreamRow With(
        UpstreamRow row, RouteIntent after, string what, RouteAuthor author, DateTimeOffset now, string? schedule, long? rolledBackTo)
    {
        ImmutableArray<IntentVersion> history = row.History.Add(new IntentVersion
        {
            Version = row.Version + 1,
            When = now,
            Who = author.Who,
            From = author.From,
            Why = author.Why,
            What = what,
            Changes = IntentDiff.Between(row.Intent, after),
            Intent = after,
            RolledBackTo = rolledBackTo,
            Schedule = schedule,
            Forced = author.Force,
            RpkiOverridden = author.OverrideRpki,
            RequestId = author.RequestId,
        });
        return row with
        {
            Version = row.Version + 1,
            Intent = after,
            History = history.Length > UpstreamRow.MaxHistory ? history[^UpstreamRow.MaxHistory..] : history,
        };
    }
}
