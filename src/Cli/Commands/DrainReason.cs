using System.CommandLine;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>--reason</c> of what takes PoPs out of service and brings them back.</summary>
internal static class DrainReason
{
    private static readonly string Form = $"one line of up to {DrainRequest.MaxWhyLength} characters";

    public static Option<string?> Option() => new("--reason") { Description = $"Why, for those who look at it later: {Form}", HelpName = "TEXT" };

    public static void Check(Command command, Option<string?> reason) => command.Validators.Add(result =>
    {
        if (result.GetValue(reason) is { } text && (text.Length > DrainRequest.MaxWhyLength || text.Any(char.IsControl)))
        {
            result.AddError($"--reason is {Form}");
        }
    });
}
