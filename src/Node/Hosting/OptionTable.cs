using System.Collections.Immutable;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Node.Hosting;

/// <param name="Name">With its dashes.</param>
/// <param name="Value">What stands for the value in the help; null: a switch.</param>
/// <param name="Text">What it is for; later lines are indented by whoever writes it.</param>
public sealed record Option(string Name, string? Value, string Text);

/// <summary>The options of one program: <c>--name value</c>, with environment variables for those that are not given.</summary>
/// <param name="environmentPrefix">Of the variables: <c>CDN_EDGE_</c> makes <c>--peer-key</c> into <c>CDN_EDGE_PEER_KEY</c>.</param>
/// <param name="options">All there are; <c>--help</c> among them.</param>
public sealed class OptionTable(string environmentPrefix, ImmutableArray<Option> options)
{
    public const string Help = "--help";

    /// <summary>One line an option.</summary>
    public string Lines => string.Concat(options.Select(o => $"  {(o.Value is null ? o.Name : $"{o.Name} {o.Value}"),-28} {o.Text}\n"));

    /// <param name="arguments">Without the program's name.</param>
    /// <param name="environment">Value of an environment variable, null when it is not set.</param>
    public GivenOptions Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        List<string> errors = [];
        Dictionary<string, string> given = Collect(arguments, errors);
        if (!given.ContainsKey(Help))
        {
            foreach (Option option in options)
            {
                if (!given.ContainsKey(option.Name) && environment(Variable(option.Name)) is { Length: > 0 } text
                    && (option.Value is not null || IsTrue(option.Name, text, errors)))
                {
                    given[option.Name] = text;
                }
            }
        }

        return new GivenOptions(given, errors);
    }

    private Dictionary<string, string> Collect(IReadOnlyList<string> arguments, List<string> errors)
    {
        Dictionary<string, string> given = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = argument == "-h" ? Help : equals > 0 ? argument[..equals] : argument;
            Option? known = options.FirstOrDefault(o => o.Name == name);
            if (known is null)
            {
                errors.Add($"'{OneLine.Printable(argument)}' is not an option; {Help} lists them");
            }
            else if (known.Value is null)
            {
                given[name] = "true";
            }
            else if (equals < 0 && (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)))
            {
                errors.Add($"{name} needs a value: {name} {known.Value}");
            }
            else if (!given.TryAdd(name, equals > 0 ? argument[(equals + 1)..] : arguments[++i]))
            {
                errors.Add($"{name} is given twice");
            }
        }

        return given;
    }

    private bool IsTrue(string name, string text, List<string> errors)
    {
        if (!bool.TryParse(text, out bool value))
        {
            errors.Add($"{Variable(name)}: '{OneLine.Printable(text)}' is neither true nor false");
        }

        return value;
    }

    private string Variable(string option) => environmentPrefix + option[2..].Replace('-', '_').ToUpperInvariant();
}
