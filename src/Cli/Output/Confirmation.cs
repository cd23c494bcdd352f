using System.CommandLine;

namespace OrleansCdn.Cli.Output;

/// <summary>
/// The question before something changes. Where nobody can answer, the command refuses rather than guesses: a script
/// says <c>--yes</c>.
/// </summary>
internal static class Confirmation
{
    public static Option<bool> YesOption() => new("--yes", "-y") { Description = "Do not ask; needed where no terminal is" };

    /// <summary>Before anything is tried: fails when the question that comes could not be asked.</summary>
    public static void RequireTerminalOr(bool yes, CliHost host)
    {
        if (!yes && !host.Interactive)
        {
            throw new CommandFailure(
                ExitCode.Usage, "there is no terminal to ask on", "Add --yes to go ahead, or --dry-run to see the difference only.");
        }
    }

    public static bool Ask(CliHost host, string question)
    {
        host.Out.Write(question + " [y/N] ");
        host.Out.Flush();
        string answer = host.In.ReadLine()?.Trim() ?? "";
        return answer.Equals("y", StringComparison.OrdinalIgnoreCase) || answer.Equals("yes", StringComparison.OrdinalIgnoreCase);
    }
}
