namespace OrleansCdn.Cli.Geo;

/// <summary>Which registry is meant, in npm's own order: option, environment, the user's file, the public one.</summary>
internal static class NpmRegistryUrl
{
    public const string Public = "https://registry.npmjs.org/";

    /// <summary>What npm reads too is a few lines.</summary>
    private const int MaxFileBytes = 64 * 1024;

    /// <exception cref="CommandFailure">It is no URL.</exception>
    public static Uri Of(string? option, CliHost host)
    {
        string text = option
            ?? Given(host.Variable("npm_config_registry"))
            ?? Given(host.Variable("NPM_CONFIG_REGISTRY"))
            ?? OfFile(Given(host.Variable("npm_config_userconfig")) ?? (Given(host.Variable("HOME")) is { } home ? Path.Combine(home, ".npmrc") : null))
            ?? Public;
        return Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? url
            : throw new CommandFailure(ExitCode.Usage, $"'{text}' is not the URL of a registry", $"For example {Public}");
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string? OfFile(string? path)
    {
        try
        {
            if (path is null || !File.Exists(path) || new FileInfo(path).Length > MaxFileBytes)
            {
                return null;
            }

            return File.ReadLines(path)
                .Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
                .Where(parts => parts is ["registry", { Length: > 0 }])
                .Select(parts => parts[1].Trim('"', '\''))
                .LastOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // As npm: without the file, its default.
        }
    }
}
