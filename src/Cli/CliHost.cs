using Spectre.Console;

namespace OrleansCdn.Cli;

/// <summary>What a command sees of the outside: streams, terminal, environment, time. Tests hand in their own.</summary>
internal sealed class CliHost
{
    // Redirected tables are not cut to 80 columns: whoever reads them has a pager or a program.
    private const int RedirectedWidth = 240;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>A person at a terminal: may be asked, and sees live output.</summary>
    public required bool Interactive { get; init; }

    /// <summary>On <see cref="Out"/>.</summary>
    public required IAnsiConsole Console { get; init; }

    public required Func<string, string?> Variable { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static CliHost OfThisProcess()
    {
        bool interactive = !System.Console.IsOutputRedirected && !System.Console.IsInputRedirected;
        return new CliHost
        {
            Out = System.Console.Out,
            Error = System.Console.Error,
            In = System.Console.In,
            Interactive = interactive,
            Console = ConsoleOn(System.Console.Out, interactive),
            Variable = Environment.GetEnvironmentVariable,
        };
    }

    public static IAnsiConsole ConsoleOn(TextWriter writer, bool interactive)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
        });
        if (!interactive)
        {
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }
}
