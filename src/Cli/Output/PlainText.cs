namespace OrleansCdn.Cli.Output;

/// <summary>Texts that come from elsewhere.</summary>
internal static class PlainText
{
    /// <summary>On one line, and unable to steer the terminal.</summary>
    public static string Of(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
