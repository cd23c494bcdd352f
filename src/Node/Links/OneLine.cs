namespace OrleansCdn.Node.Links;

/// <summary>Text from outside, made fit for a log and a terminal.</summary>
public static class OneLine
{
    private const int MaxChars = 500;

    /// <summary>Short, and without line ends or other control characters.</summary>
    public static string Printable(string text, int maxChars = MaxChars)
    {
        ReadOnlySpan<char> cut = text.AsSpan(0, Math.Min(text.Length, maxChars));
        return string.Create(cut.Length, cut, static (target, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                target[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
    }
}
