using System.Collections.Immutable;
using System.Text;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class ErrorPageSection
{
    public static readonly ListKey<string> Statuses = new(
        "statuses", HttpTexts.ErrorStatus, 1, ConfigLimits.StatusesPerRule, "The statuses that it is for.");

    public static readonly ScalarKey<string> Body = ScalarKey<string>.Must(
        "body",
        Tokens.Text($"text of 1 to {ConfigLimits.MaxErrorPageBytes} bytes", text => Encoding.UTF8.GetByteCount(text) is > 0 and <= ConfigLimits.MaxErrorPageBytes ? null : "is empty or too long"),
        "The page itself, sent as UTF-8.");

    public static readonly ScalarKey<string> ContentType = ScalarKey<string>.May(
        "content-type", HttpTexts.PlainContentType, ConfigDefaults.ErrorPageType, "Its content type; `charset=utf-8` is added to text.");

    public static readonly ScalarKey<bool> ReplaceOrigin = ScalarKey<bool>.May(
        "replace-origin", Numbers.Flag, ConfigDefaults.ReplaceOrigin, "Also in the place of the origin's own answers with these statuses.");

    public static readonly KeyTable Table = new("sites.ID.error-pages[]", [Statuses, Body, ContentType, ReplaceOrigin]);

    public static ErrorPageConfig Bind(MapReader keys)
    {
        ImmutableArray<Found<string>> statuses = keys.Read(Statuses);
        return new ErrorPageConfig
        {
            Statuses = [.. statuses.Select(status => status.Value).Distinct()],
            Body = keys.Read(Body).Value,
            ContentType = keys.Read(ContentType).Value,
            ReplaceOrigin = keys.Read(ReplaceOrigin).Value,
        };
    }
}
