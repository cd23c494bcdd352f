using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config;

/// <summary>The mistakes of one file.</summary>
internal sealed class ConfigErrors
{
    /// <summary>More than anyone mends in one go, and little enough (under 50 KiB) to be sent and printed for any file.</summary>
    public const int MaxListed = 100;

    /// <summary>The length that <see cref="ConfigError.Value"/> promises.</summary>
    public const int MaxValueLength = 80;

    private readonly List<ConfigError> _errors = [];
    private bool _more;

    public bool Any => _errors.Count > 0;

    /// <summary>Nothing that is added now would be listed: no need to search for a suggestion.</summary>
    public bool IsFull => _errors.Count >= MaxListed;

    public void Add(FilePosition at, ConfigPath path, string? value, string message, string? allowed)
    {
        if (IsFull)
        {
            _more = true;
            return;
        }

        _errors.Add(new ConfigError
        {
            Line = at.Line,
            Column = at.Column,
            Path = path.ToString(),
            Value = value is null ? null : PrintableText.Of(value, MaxValueLength),
            Message = message,
            Allowed = allowed,
        });
    }

    /// <summary>The value itself is the mistake.</summary>
    public void Add(YamlNode node, string message, string? allowed) =>
        Add(node.At, node.Path, node is YamlText { IsNull: false } text ? text.Text : null, message, allowed);

    /// <summary>The text cannot be read to its end: what was found before would send the reader to the wrong places.</summary>
    public void Only(FilePosition at, string message, string? allowed)
    {
        _errors.Clear();
        _more = false;
        Add(at, ConfigPath.Root, null, message, allowed);
    }

    /// <returns>In the order of the file; the last one says so when there were too many to list.</returns>
    public ImmutableArray<ConfigError> InFileOrder()
    {
        // OrderBy is stable: two mistakes at one place stay in the order in which they were found.
        IEnumerable<ConfigError> listed = _errors.OrderBy(error => new FilePosition(error.Line, error.Column));
        return _more ? [.. listed, More] : [.. listed];
    }

    private static ConfigError More => new()
    {
        Line = 0,
        Column = 0,
        Path = "",
        Message = $"and more: only {MaxListed} mistakes are listed",
    };
}
