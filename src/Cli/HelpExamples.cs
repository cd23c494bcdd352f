using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace OrleansCdn.Cli;

/// <summary>Adds examples and the exit codes to a command's <c>--help</c>.</summary>
internal static class HelpExamples
{
    public static TCommand WithExamples<TCommand>(this TCommand command, params string[] examples)
        where TCommand : Command
    {
        HelpOption? help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null)
        {
            help = new HelpOption();
            command.Options.Add(help);
        }

        help.Action = new Action((HelpAction)help.Action!, examples);
        return command;
    }

    private sealed class Action(HelpAction standard, string[] examples) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int result = standard.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in examples)
            {
                output.WriteLine("  " + example);
            }

            output.WriteLine();
            output.WriteLine("Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 done in part.");
            return result;
        }
    }
}
