using System.CommandLine;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>Where and what: the arguments of the commands that change routes, and of the one that asks what would be.</summary>
internal sealed class RouteChangeArguments
{
    private readonly RouteAction? _action;
    private readonly Argument<string> _where = RoutePlace.Argument();
    private readonly Argument<string[]> _what = new("WHAT") { Description = RouteWish.Forms, Arity = new ArgumentArity(1, RouteChangeRequest.MaxCommunities + 1) };
    private readonly Option<string?> _carrier = new("--carrier") { Description = "A carrier behind the upstream: AS number, or its name in the config", HelpName = "ASN" };
    private readonly Option<string?> _prefix = new("--prefix") { Description = "Only this prefix [default: all]", HelpName = "PREFIX" };

    /// <param name="action">What the command is for; null: its words say it.</param>
    public RouteChangeArguments(RouteAction? action) => _action = action;

    public void AddTo(Command command)
    {
        command.Arguments.Add(_where);
        if (_action is null)
        {
            command.Arguments.Add(_what);
            command.Validators.Add(result =>
            {
                // Missing words have an error of their own.
                if (result.GetValue(_what) is { Length: > 0 } words && RouteWish.Parse(words).Error is { } error)
                {
                    result.AddError(error);
                }
            });
        }

        command.Options.Add(_carrier);
        command.Options.Add(_prefix);
    }

    public RouteChangeRequest Read(ParseResult parsed)
    {
        RoutePlace place = RoutePlace.Parse(parsed.GetValue(_where)!);
        RouteWish wish = _action is { } action ? new RouteWish(action) : RouteWish.Parse(parsed.GetValue(_what)!).Wish!;
        return new RouteChangeRequest
        {
            Pop = place.Pop,
            Upstream = place.Upstream,
            Carrier = parsed.GetValue(_carrier),
            Prefix = parsed.GetValue(_prefix),
            Action = wish.Action,
            Prepend = wish.Prepend,
            On = wish.On,
            Communities = wish.Communities,
        };
    }
}
