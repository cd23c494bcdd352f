using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Tests.Events;

public sealed class SessionWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SessionWatch _watch = new("waw");

    private static ObservedSession Session(BgpState state, int since = 0, string neighbor = "192.0.2.1:179", string? error = null) => new()
    {
        Upstream = "vultr",
        Neighbor = neighbor,
        PeerAsn = 64515,
        State = state,
        Since = Start.AddSeconds(since),
        Revision = 1,
        Counters = new SessionCounters(),
        Advertised = [],
        LastError = error is null ? null : new SessionError(Start.AddSeconds(since), SessionErrorOrigin.Received, 6, 1, error),
    };

    private List<NewEvent> Take(params ObservedSession[] sessions) =>
        _watch.Take("waw1", new AnnouncerReport { Epoch = "e", ConfigVersion = 1, Sessions = [.. sessions] });

    [Fact]
    public void The_first_report_is_no_news_and_the_next_tells_what_changed()
    {
        Assert.Empty(Take(Session(BgpState.Established)));
        Assert.Empty(Take(Session(BgpState.Established) with { Since = Start.AddMilliseconds(300) })); // The same moment, counted back anew.
        Assert.Empty(Take(Session(BgpState.Established), Session(BgpState.Idle, neighbor: "192.0.2.2:179")));
        Assert.Empty(Take(Session(BgpState.Established), Session(BgpState.Connect, 1, "192.0.2.2:179")));
        NewEvent up = Assert.Single(Take(Session(BgpState.Established), Session(BgpState.Established, 2, "192.0.2.2:179")));
        Assert.Equal((EventKind.SessionEstablished, EventSeverity.Info, "waw", "waw1", "vultr"), (up.Kind, up.Severity, up.Pop, up.Edge, up.Upstream));
        Assert.Contains("192.0.2.2:179 (AS64515)", up.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_names_its_reason_also_when_the_session_is_back_by_the_next_report()
    {
        Take(Session(BgpState.Established));
        NewEvent lost = Assert.Single(Take(Session(BgpState.Idle, 5, error: "Cease/Administrative Shutdown")));
        Assert.Equal((EventKind.SessionLost, EventSeverity.Problem, "the peer said: Cease/Administrative Shutdown"), (lost.Kind, lost.Severity, lost.Why));
        Take(Session(BgpState.Established, 9, error: "Cease/Administrative Shutdown"));
        Assert.Equal([EventKind.SessionLost, EventKind.SessionEstablished], Take(Session(BgpState.Established, 20, error: "Cease/Administrative Shutdown")).Select(e => e.Kind));
    }

    [Fact]
    public void A_session_that_is_wanted_no_longer_is_no_problem()
    {
        Take(Session(BgpState.Established));
        Assert.Equal(EventSeverity.Info, Assert.Single(Take()).Severity);
    }

    [Fact]
    public void What_an_announcer_of_another_server_holds_is_its_own_and_forgotten_with_it()
    {
        Take(Session(BgpState.Established));
        Assert.Empty(_watch.Take("waw2", new AnnouncerReport { Epoch = "e", ConfigVersion = 1, Sessions = [] }));
        _watch.Keep(["waw2"]);
        Assert.Empty(Take());
    }
}
