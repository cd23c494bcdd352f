using System.CommandLine;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>Which upstreams a command is about: <c>lax</c>, <c>lax/vultr</c>, or <c>all</c>.</summary>
/// <param name="Pop">Id of a PoP, or <see cref="RouteChangeRequest.AllPops"/>.</param>
/// <param name="Upstream">Null: all of the PoP.</param>
internal sealed record RoutePlace(string Pop, string? Upstream)
{
    public static Argument<string> Argument() => new("WHERE") { Description = "A PoP, POP/UPSTREAM, or all" };

    public static Argument<string?> OptionalArgument() =>
        new("WHERE") { Description = "A PoP, POP/UPSTREAM, or all", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => RouteChangeRequest.AllPops };

    public static Argument<string> OneUpstream() => new("POP/UPSTREAM") { Description = "One upstream, like lax/vultr" };

    public static RoutePlace Parse(string text) => text.Split('/') switch
    {
        [{ Length: > 0 } pop] => new RoutePlace(pop, null),
        [{ Length: > 0 } pop, { Length: > 0 } upstream] => new RoutePlace(pop, upstream),
        _ => throw new CommandFailure(ExitCode.Usage, $"'{text}' is not a place", "Give a PoP like lax, an upstream like lax/vultr, or all."),
    };

    public static (string Pop, string Upstream) ParseOne(string text) => Parse(text) is { Upstream: { } upstream } place
        ? (place.Pop, upstream)
        : throw new CommandFailure(ExitCode.Usage, $"'{text}' is not one upstream", "Give POP/UPSTREAM like lax/vultr; 'cdn route show' lists them.");

    /// <summary>For the API's filter.</summary>
    public string? PopFilter => Pop == RouteChangeRequest.AllPops ? null : Pop;
}
