using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Tests.Events;

public sealed class CheckWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CheckWatch _watch = new("waw");

    private static HealthCheckStatus Check(string name, bool isOk, bool isHard = false, string evidence = "seen") => new(name, isHard, isOk, evidence, Start);

    private List<NewEvent> Take(params HealthCheckStatus[] checks) => Take(FailoverPhase.Announced, checks);

    private List<NewEvent> Take(FailoverPhase phase, params HealthCheckStatus[] checks) => _watch.Take("waw1", new AnnouncerReport
    {
        Epoch = "e",
        ConfigVersion = 1,
        Sessions = [],
        Failover = new FailoverStatus
        {
            Phase = phase, Level = AnnouncementLevel.Normal, Since = Start, Why = "", OrdersVersion = 0, Checks = [.. checks],
        },
    });

    [Fact]
    public void The_first_report_is_no_news_and_the_next_tells_what_changed()
    {
        Assert.Empty(Take(Check("http", true, isHard: true), Check("disk", false)));
        Assert.Empty(Take(Check("http", true, isHard: true), Check("disk", false, evidence: "fuller")));
        List<NewEvent> news = Take(Check("http", false, isHard: true, "refused"), Check("disk", true, evidence: "emptied"));
        Assert.Equal(
            [
                (EventKind.CheckFailed, EventSeverity.Problem, "check http fails: visitors are not answered", "refused"),
                (EventKind.CheckWell, EventSeverity.Info, "check disk is well again", "emptied"),
            ],
            news.Select(e => (e.Kind, e.Severity, e.What, e.Why!)));
        Assert.All(news, e => Assert.Equal(("waw", "waw1"), (e.Pop, e.Edge)));
        NewEvent soft = Assert.Single(Take(Check("http", false, isHard: true), Check("disk", false, evidence: "full")));
        Assert.Equal((EventKind.CheckFailed, EventSeverity.Warning, "check disk needs a look", "full"), (soft.Kind, soft.Severity, soft.What, soft.Why));
    }

    [Fact]
    public void A_check_that_was_not_there_is_told_when_it_fails_and_only_then()
    {
        Assert.Empty(Take());
        Assert.Empty(Take(Check("disk", true)));
        Assert.Single(Take(Check("disk", true), Check("memory", false)));
    }

    /// <summary>An edge that is restarted does not say how its disk is; when it does, that is no news.</summary>
    [Fact]
    public void A_check_that_is_left_out_is_held()
    {
        Take(Check("disk", true));
        Assert.Single(Take(Check("disk", false)));
        Assert.Empty(Take());
        Assert.Empty(Take(Check("disk", false)));
        Assert.Empty(Take());
        Assert.Single(Take(Check("disk", true)));
    }

    [Fact]
    public void While_a_server_starts_nothing_is_told_and_then_what_is_left()
    {
        Assert.Empty(Take(FailoverPhase.Cold, Check("http", false, isHard: true), Check("disk", false)));
        Assert.Empty(Take(FailoverPhase.Cold, Check("http", true, isHard: true), Check("disk", false)));
        Assert.Equal("check disk needs a look", Assert.Single(Take(Check("http", true, isHard: true), Check("disk", false))).What);
        Assert.Empty(Take(FailoverPhase.Cold, Check("http", false, isHard: true), Check("disk", false))); // its announcer was started anew
        Assert.Empty(Take(Check("http", true, isHard: true), Check("disk", false)));
        Assert.Equal("check disk is well again", Assert.Single(Take(Check("http", true, isHard: true), Check("disk", true))).What);
    }

    [Fact]
    public void Software_that_says_nothing_of_checks_tells_nothing()
    {
        Assert.Empty(_watch.Take("waw1", new AnnouncerReport { Epoch = "e", ConfigVersion = 1, Sessions = [] }));
        Assert.Empty(Take(Check("disk", false)));
    }

    [Fact]
    public void What_is_held_is_bounded_whatever_comes()
    {
        for (int i = 0; i < 1000; i++)
        {
            Take(Check($"c{i}", true));
        }

        // Held for so long that all of them could not be: of the first ones nothing is known any more, and a failure is news.
        int news = Enumerable.Range(0, 1000).Sum(i => Take(Check($"c{i}", false)).Count);
        Assert.Equal(1000, news);
        Assert.InRange(_watch.Held, 0, 64);
    }

    [Fact]
    public void A_server_that_is_gone_is_forgotten()
    {
        Take(Check("disk", true));
        _watch.Keep(["waw2"]);
        Assert.Equal(0, _watch.Held);
        Assert.Empty(Take(Check("disk", false)));
    }
}
