using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>The words that say what is set: <c>withdraw</c>, <c>prepend 2</c>, <c>community 64500:1 64500:2</c> …</summary>
internal sealed record RouteWish(RouteAction Action)
{
    public const string Forms = "announce, withdraw, prepend N, no-export [off], ixp-only [off], community C… (or none), graceful-shutdown [off], default";

    public int? Prepend { get; init; }

    public bool? On { get; init; }

    public ImmutableArray<string>? Communities { get; init; }

    /// <returns>Null with an error that says what is right.</returns>
    public static (RouteWish? Wish, string? Error) Parse(string[] words) => words switch
    {
        ["announce"] => (new RouteWish(RouteAction.Announce), null),
        ["withdraw"] => (new RouteWish(RouteAction.Withdraw), null),
        ["default"] => (new RouteWish(RouteAction.Default), null),
        ["prepend", var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int times) && times <= 5 =>
            (new RouteWish(RouteAction.Prepend) { Prepend = times }, null),
        ["prepend", ..] => (null, "prepend takes a number from 0 to 5"),
        ["no-export", .. var rest] => Switch(RouteAction.NoExport, rest),
        ["ixp-only", .. var rest] => Switch(RouteAction.IxpOnly, rest),
        ["graceful-shutdown", .. var rest] => Switch(RouteAction.GracefulShutdown, rest),
        ["community" or "communities", "none"] => (new RouteWish(RouteAction.Communities) { Communities = [] }, null),
        ["community" or "communities", _, ..] => Raw(words[1..]),
        ["community" or "communities"] => (null, "community takes one or more of them like 64500:1, 64500:1:2 or rt:64500:1, or none"),
        _ => (null, $"'{string.Join(' ', words)}' cannot be set; what can: {Forms}"),
    };

    private static (RouteWish?, string?) Switch(RouteAction action, string[] rest) => rest switch
    {
        [] or ["on"] => (new RouteWish(action) { On = true }, null),
        ["off"] => (new RouteWish(action) { On = false }, null),
        _ => (null, $"'{string.Join(' ', rest)}' is neither on nor off"),
    };

    private static (RouteWish?, string?) Raw(IEnumerable<string> texts)
    {
        ImmutableArray<string> communities = [.. texts];
        return communities.FirstOrDefault(c => !Community.TryParse(c, out _)) is { } wrong
            ? (null, $"'{wrong}' is not a community: write 64500:120, 64500:1:120, rt:64500:120, ro:64500:120 or ext:0x0002fbf400000078")
            : (new RouteWish(RouteAction.Communities) { Communities = communities }, null);
    }
}
