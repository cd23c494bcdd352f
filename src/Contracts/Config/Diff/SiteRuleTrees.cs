using System.Security.Cryptography;
using System.Text;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Sections;

namespace OrleansCdn.Contracts.Config.Diff;

/// <summary>The trees of what a site says besides its origins and its cache.</summary>
internal static class SiteRuleTrees
{
    public static ConfigBranch Of(HeaderRuleConfig rule, HeaderRuleSection section) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(section.KeyOf(rule.Action), rule.Name),
        ConfigTreeBuilder.Leaf(section.Value, rule.Value));

    public static ConfigBranch Of(RedirectConfig redirect) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(RedirectSection.Path, redirect.Path),
        ConfigTreeBuilder.Leaf(RedirectSection.To, redirect.To),
        ConfigTreeBuilder.Leaf(RedirectSection.Status, redirect.Status),
        ConfigTreeBuilder.Leaf(RedirectSection.KeepQuery, redirect.KeepQuery));

    /// <summary>A secret is never shown: only that it is there, and with the begin of its SHA-256 that it has changed.</summary>
    public static string? Hidden(string? secret) => secret is null
        ? null
        : $"(hidden, {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 4))})";

    public static ConfigBranch Of(ErrorPageConfig page) => ConfigTreeBuilder.Keys(
        ((Key)ErrorPageSection.Statuses, ConfigTreeBuilder.Values(page.Statuses, status => status)),
        ConfigTreeBuilder.Leaf(ErrorPageSection.Body, page.Body),
        ConfigTreeBuilder.Leaf(ErrorPageSection.ContentType, page.ContentType),
        ConfigTreeBuilder.Leaf(ErrorPageSection.ReplaceOrigin, page.ReplaceOrigin));

    public static ConfigBranch Of(CompressionConfig compression) => ConfigTreeBuilder.Keys(
        ((Key)CompressionSection.ContentTypes, ConfigTreeBuilder.Values(compression.ContentTypes, type => type)),
        ConfigTreeBuilder.Leaf(CompressionSection.MinSize, compression.MinBytes));
}
