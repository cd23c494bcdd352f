using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class NotificationSection
{
    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", Tokens.Name, "What commands, events and messages call it.");

    public static readonly ScalarKey<string> Url = ScalarKey<string>.Optional(
        "url", WebhookUrls.Url, "the one in `url-file`", "Where events are sent, with POST. One of `url` and `url-file` must be given.");

    public static readonly ScalarKey<string> UrlFile = ScalarKey<string>.Optional(
        "url-file", Tokens.SiloFilePath, "the URL is in `url`", "File on the silos' machines that holds the URL: chat systems' URLs are secrets.");

    public static readonly ScalarKey<string> SecretFile = ScalarKey<string>.Optional(
        "secret-file", Tokens.SiloFilePath, "nothing is signed", "File on the silos' machines that holds the secret of the signature.");

    public static readonly ListKey<string> Events = new(
        "events", EventPattern, 0, ConfigLimits.EventsPerNotification, "Kinds of events; without any: all.", OrOne: true);

    public static readonly ScalarKey<EventSeverity> MinSeverity = ScalarKey<EventSeverity>.May(
        "min-severity", Tokens.Choice(("info", EventSeverity.Info), ("warning", EventSeverity.Warning), ("problem", EventSeverity.Problem)),
        ConfigDefaults.NotificationSeverity, "Only what is as grave as this, or graver.");

    public static readonly ScalarKey<NotificationFormat> Format = ScalarKey<NotificationFormat>.May(
        "format", Tokens.Choice(("json", NotificationFormat.Json), ("slack", NotificationFormat.Slack), ("discord", NotificationFormat.Discord)),
        ConfigDefaults.NotificationFormat, "`json`: the events as the API gives them. `slack`: a message for Slack, Mattermost and what else takes those. `discord`: one for Discord.");

    public static readonly ScalarKey<bool> AllowPrivate = ScalarKey<bool>.May(
        "allow-private", Numbers.Flag, ConfigDefaults.AllowPrivate,
        "Allows a receiver on a loopback, private, link-local or other special-purpose address, and plain `http://` to such a one.");

    public static readonly ScalarKey<TimeSpan> Timeout = ScalarKey<TimeSpan>.May(
        "timeout", Durations.Between(ConfigLimits.MinNotificationTimeout, ConfigLimits.MaxNotificationTimeout), ConfigDefaults.NotificationTimeout,
        "From resolving the name to the answer.");

    public static readonly KeyTable Table = new(
        "notifications[]", [Name, Url, UrlFile, SecretFile, Events, MinSeverity, Format, AllowPrivate, Timeout]);

    private static ScalarType<string> EventPattern => Tokens.Text(
        "a kind of event such as SessionLost, or the beginning of some with *, such as Session*",
        text => !EventPatterns.IsPattern(text) ? "is no name of a kind of event"
            : EventPatterns.Matching([text]).IsEmpty ? $"is no kind of event; there are {string.Join(", ", Enum.GetNames<EventKind>())}"
            : null);

    public static ImmutableArray<NotificationConfig> BindAll(MapReader root, ConfigErrors errors)
    {
        var lines = new Dictionary<string, FilePosition>();
        ImmutableArray<NotificationConfig>.Builder all = ImmutableArray.CreateBuilder<NotificationConfig>();
        foreach (MapReader keys in root.Sections(RootSection.Notifications))
        {
            Found<string> name = keys.Read(Name);
            if (name.Given && !lines.TryAdd(name.Value, name.Node!.At))
            {
                errors.Add(name.Node, $"is given twice, first in line {lines[name.Value].Line}", "a name once in the whole list");
            }

            all.Add(Bind(keys, name, errors));
        }

        return all.ToImmutable();
    }

    private static NotificationConfig Bind(MapReader keys, Found<string> name, ConfigErrors errors)
    {
        Found<string> url = keys.Read(Url);
        Found<string> urlFile = keys.Read(UrlFile);
        Found<string> secretFile = keys.Read(SecretFile);
        Found<bool> allowPrivate = keys.Read(AllowPrivate);
        if (keys.Has(Url) == keys.Has(UrlFile) && !keys.HasUnknownKeys)
        {
            keys.Report(keys.Has(Url) ? "has two URLs" : "has no URL", "one of url and url-file");
        }

        if (url.Given && allowPrivate.Valid && !keys.HasUnknownKeys && WebhookUrls.Problem(new Uri(url.Value), allowPrivate.Value) is var (problem, allowed))
        {
            errors.Add(url.Node!, problem, allowed);
        }

        return new NotificationConfig
        {
            Name = name.Value,
            Url = url.Given ? url.Value : null,
            UrlFile = urlFile.Given ? urlFile.Value : null,
            SecretFile = secretFile.Given ? secretFile.Value : null,
            Events = [.. keys.Read(Events).Select(pattern => pattern.Value).Distinct()],
            MinSeverity = keys.Read(MinSeverity).Value,
            Format = keys.Read(Format).Value,
            AllowPrivate = allowPrivate.Value,
            Timeout = keys.Read(Timeout).Value,
        };
    }
}
