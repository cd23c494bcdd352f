using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Contracts.Config;

/// <summary>
/// Mistakes for people, one a line, in the form that editors and terminals link to:
/// <c>three-pops.yaml:12:7: sites.www.origins[0].url: 'ftp://x' is neither http nor https; allowed: ...</c>
/// </summary>
public static class ConfigErrorText
{
    public static string Format(string file, ImmutableArray<ConfigError> errors) =>
        string.Join('\n', errors.Select(error => Format(file, error)));

    public static string Format(string file, ConfigError error)
    {
        var text = new StringBuilder(file);
        if (error.Line > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $":{error.Line}:{error.Column}");
        }

        text.Append(": ");
        if (error.Path.Length > 0)
        {
            text.Append(error.Path).Append(": ");
        }

        if (error.Value is not null)
        {
            text.Append('\'').Append(error.Value).Append("' ");
        }

        text.Append(error.Message);
        return error.Allowed is null ? text.ToString() : text.Append("; allowed: ").Append(error.Allowed).ToString();
    }
}
