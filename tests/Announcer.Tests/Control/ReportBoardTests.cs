using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Control;

/// <summary>Changes are told at once, counters each minute.</summary>
public sealed class ReportBoardTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ReportBoard _board;

    public ReportBoardTests() => _board = new ReportBoard(_time);

    [Fact]
    public void Only_what_somebody_would_act_on_is_a_change()
    {
        Assert.Null(_board.Take());
        Offer(Report());
        Assert.True(_board.Due.IsCompleted);
        Assert.NotNull(_board.Take());
        Offer(Report(counters: new SessionCounters { KeepalivesOut = 9, BytesOut = 171 }));
        Assert.False(_board.Due.IsCompleted);
        Offer(Report(prepend: 1));
        Assert.True(_board.Due.IsCompleted);
        Assert.Equal(1, _board.Take()!.Sessions[0].Advertised[0].Prepend);

        foreach (AnnouncerReport other in (AnnouncerReport[])
            [
                Report(prepend: 1, state: BgpState.Idle), Report(prepend: 1) with { HeldBack = "x" }, Report(prepend: 1) with { Problems = ["x"] },
                Report(prepend: 1) with { ConfigVersion = 2 }, Report(prepend: 1) with { Sessions = [] },
            ])
        {
            Offer(Report(prepend: 1));
            _ = _board.Take();
            Offer(other);
            Assert.True(_board.Due.IsCompleted);
            _ = _board.Take();
        }
    }

    [Fact]
    public void Each_minute_it_is_told_anyway()
    {
        Offer(Report());
        _ = _board.Take();
        _time.Advance(TimeSpan.FromSeconds(59));
        Offer(Report());
        Assert.False(_board.Due.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Offer(Report());
        Assert.True(_board.Due.IsCompleted);
    }

    private void Offer(AnnouncerReport report) => _board.Offer(report, _time.GetTimestamp());

    private static AnnouncerReport Report(BgpState state = BgpState.Established, int prepend = 0, SessionCounters? counters = null) => new()
    {
        Epoch = "e", ConfigVersion = 1, Sessions =
        [
            new ObservedSession
            {
                Upstream = "u", Neighbor = "198.51.100.1:179", PeerAsn = 1, State = state, Since = default, Revision = 1,
                Counters = counters ?? new SessionCounters(), Advertised = [Sample.Route(Sample.Ipv4Prefix, prepend)],
            },
        ],
    };
}
