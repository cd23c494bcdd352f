using System.Globalization;

namespace OrleansCdn.Testing;

/// <summary>By environment variables a run is made longer, or one seed is run again.</summary>
public static class Setting
{
    /// <exception cref="FormatException">The variable is set to something else than a number: whoever set it wants no other run.</exception>
    public static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
