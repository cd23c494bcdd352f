using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Tests.Desired;

/// <summary>An older state never replaces a newer one.</summary>
public sealed class DesiredOrderTests
{
    private static readonly IPEndPoint Neighbor = IPEndPoint.Parse("198.51.100.1:179");
    private static readonly DesiredAnnouncements Current = Sample.Desired(Up("a", 5), Up("b", 5)) with { ConfigVersion = 7 };

    [Fact]
    public void What_is_older_in_any_part_is_not_used()
    {
        Assert.Equal(DesiredVerdict.Older, Compare(Current with { ConfigVersion = 6, Upstreams = [Up("a", 9), Up("b", 9)] }));
        Assert.Equal(DesiredVerdict.Older, Compare(Current with { ConfigVersion = 8, Upstreams = [Up("a", 9), Up("b", 4)] }));
        Assert.Equal(DesiredVerdict.Older, Compare(Current with { Upstreams = [Up("b", 4)] }));
    }

    [Fact]
    public void What_is_newer_in_one_part_and_older_in_none_is()
    {
        Assert.Equal(DesiredVerdict.Newer, Compare(Current with { ConfigVersion = 8 }));
        Assert.Equal(DesiredVerdict.Newer, Compare(Current with { Upstreams = [Up("a", 6), Up("b", 5)] }));
        Assert.Equal(DesiredVerdict.Newer, Compare(Current with { Upstreams = [Up("a", 5)] }));
        Assert.Equal(DesiredVerdict.Newer, Compare(Current with { Upstreams = [Up("a", 5), Up("b", 5), Up("c", 0)] }));
        Assert.Equal(DesiredVerdict.Same, Compare(Current with { Upstreams = [Up("a", 5), Up("b", 5)] }));
        Assert.Equal(DesiredVerdict.Newer, DesiredOrder.Compare(null, Current));
    }

    [Fact]
    public void Another_epoch_is_another_history() =>
        Assert.Equal(DesiredVerdict.Newer, Compare(Current with { Epoch = "e2", ConfigVersion = 1, Upstreams = [Up("a", 1)] }));

    [Fact]
    public void The_state_keeps_what_is_newest()
    {
        AnnouncerState state = new();
        Assert.Equal(DesiredVerdict.Newer, state.Offer(Current));
        Assert.Equal(DesiredVerdict.Older, state.Offer(Current with { ConfigVersion = 6 }));
        Assert.Same(Current, state.Desired);
        Assert.Equal(DesiredVerdict.Newer, state.Offer(Current with { ConfigVersion = 9 }));
        Assert.Equal(9, state.Desired!.ConfigVersion);
    }

    private static DesiredVerdict Compare(DesiredAnnouncements next) => DesiredOrder.Compare(Current, next);

    private static DesiredUpstream Up(string id, long revision) => Sample.Upstream(id, Neighbor, revision, ImmutableArray<DesiredRoute>.Empty);
}
