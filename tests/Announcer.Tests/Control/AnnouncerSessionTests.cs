using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Tests.Control;

/// <summary>What a silo may say, and when.</summary>
public sealed class AnnouncerSessionTests
{
    private readonly AnnouncerSession _session = new("waw1");

    [Fact]
    public void First_comes_the_welcome()
    {
        Assert.Equal(FeedEndReason.ProtocolViolation, _session.Step(Sample.Desired()).End!.Reason);
        Assert.True(_session.Step(new AnnouncerWelcome(AnnouncerProtocol.Version, "s")).IsWelcome);
        Assert.NotNull(_session.Step(Sample.Desired()).Desired);
        Assert.Equal(default, _session.Step(new AnnouncerQuiet()) with { Problems = default });
        Assert.Equal(FeedEndReason.ProtocolViolation, _session.Step(new AnnouncerWelcome(AnnouncerProtocol.Version, "s")).End!.Reason);
    }

    [Fact]
    public void Another_version_and_a_refusal_end_it()
    {
        Assert.Contains("same release", _session.Step(new AnnouncerWelcome(AnnouncerProtocol.Version + 1, "s")).End!.Detail, StringComparison.Ordinal);
        FeedEnd refused = _session.Step(new AnnouncerRefusal("no such\nserver")).End!;
        Assert.Equal((FeedEndReason.Refused, "no such server"), (refused.Reason, refused.Detail));
    }

    [Fact]
    public void A_state_that_cannot_be_used_is_told_and_ends_nothing()
    {
        _ = _session.Step(new AnnouncerWelcome(AnnouncerProtocol.Version, "s"));
        AnnouncerStep step = _session.Step(Sample.Desired() with { Asn = 0, Upstreams = default });
        Assert.Null(step.End);
        Assert.Null(step.Desired);
        Assert.Equal(2, step.Problems.Length);
    }
}
