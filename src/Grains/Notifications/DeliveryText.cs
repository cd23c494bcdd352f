using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Grains.Notifications;

/// <summary>A delivery as lines for people, and how many events fit into one message of a chat. Pure.</summary>
public static class DeliveryText
{
    /// <summary>"For best results" of Slack's chat.postMessage; Mattermost takes four times that.</summary>
    public const int MaxSlack = 4000;

    /// <summary>Of a message's content; more is refused.</summary>
    public const int MaxDiscord = 2000;

    /// <summary>Of one line in a chat: with every character escaped to five it still fits Slack's message, and twice Discord's.</summary>
    private const int MaxChatLine = 700;

    /// <returns>How many of the events one delivery takes: at least one, if there is one.</returns>
    public static int Fitting(NotificationFormat format, long missed, ImmutableArray<CdnEvent> events)
    {
        int room = format switch { NotificationFormat.Slack => MaxSlack, NotificationFormat.Discord => MaxDiscord, _ => int.MaxValue };
        int used = missed > 0 ? Missed(missed).Length : 0;
        int count = 0;
        foreach (CdnEvent happened in events)
        {
            used += Line(format, happened).Length + 1;
            if (count > 0 && used > room)
            {
                break;
            }

            count++;
        }

        return count;
    }

    public static string Of(NotificationFormat format, long missed, ImmutableArray<CdnEvent> events)
    {
        IEnumerable<string> lines = events.Select(happened => Line(format, happened));
        return string.Join('\n', missed > 0 ? lines.Prepend(Missed(missed)) : lines);
    }

    private static string Missed(long missed) => string.Create(
        CultureInfo.InvariantCulture, $"{missed} events of all kinds were forgotten before they could be delivered here");

    /// <summary>What peers and operators wrote cannot call people or make links: Slack's three characters are escaped; in Discord mentions are switched off.</summary>
    private static string Line(NotificationFormat format, CdnEvent happened)
    {
        string line = EventText.Line(happened);
        if (format == NotificationFormat.Json)
        {
            return line;
        }

        if (line.Length > MaxChatLine)
        {
            line = line[..(char.IsHighSurrogate(line[MaxChatLine - 2]) ? MaxChatLine - 2 : MaxChatLine - 1)] + "…";
        }

        return format == NotificationFormat.Slack
            ? new StringBuilder(line).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").ToString()
            : line;
    }
}
