using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains.Notifications;

namespace OrleansCdn.Grains.Tests.Notifications;

public sealed class DeliveryTextTests
{
    private static CdnEvent Event(string what, string? why = null) =>
        new() { Id = 1, When = DateTimeOffset.UnixEpoch, Kind = EventKind.Drain, Severity = EventSeverity.Warning, Pop = "waw", What = what, Why = why, Count = 1 };

    [Fact]
    public void Each_event_is_a_line_and_what_was_forgotten_comes_first()
    {
        ImmutableArray<CdnEvent> events = [Event("PoP drained", "new <disks> & @everyone"), Event("PoP in service")];
        Assert.Equal(
            "3 events of all kinds were forgotten before they could be delivered here\n"
            + "1970-01-01 00:00:00Z  warning  waw PoP drained: new <disks> & @everyone\n1970-01-01 00:00:00Z  warning  waw PoP in service",
            DeliveryText.Of(NotificationFormat.Json, 3, events));
        Assert.Contains("new &lt;disks&gt; &amp; @everyone", DeliveryText.Of(NotificationFormat.Slack, 0, events), StringComparison.Ordinal);
    }

    /// <summary>Whatever stands in them: the longest that an event can have, of characters that are escaped.</summary>
    [Theory]
    [InlineData(NotificationFormat.Slack, DeliveryText.MaxSlack)]
    [InlineData(NotificationFormat.Discord, DeliveryText.MaxDiscord)]
    public void A_message_of_a_chat_is_never_too_long_and_never_empty(NotificationFormat format, int longest)
    {
        var random = new Random(1);
        for (int run = 0; run < 2000; run++)
        {
            string fill = run % 3 == 0 ? "&" : run % 3 == 1 ? "a" : "\U0001F600";
            ImmutableArray<CdnEvent> events =
            [
                .. Enumerable.Range(0, 50).Select(_ => Event(
                    Text(random.Next(NewEvent.MaxWhatLength)), Text(random.Next(NewEvent.MaxWhyLength)))),
            ];
            int count = DeliveryText.Fitting(format, run, events);
            Assert.InRange(count, 1, 50);
            Assert.InRange(DeliveryText.Of(format, run, events[..count]).Length, 1, longest);
            Assert.True(count == 50 || DeliveryText.Of(format, run, events[..(count + 1)]).Length >= longest);

            string Text(int length) => string.Concat(Enumerable.Repeat(fill, length / fill.Length));
        }

        Assert.Equal(0, DeliveryText.Fitting(format, 5, []));
    }
}
