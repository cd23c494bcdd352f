namespace OrleansCdn.Contracts;

/// <summary>Names in a sentence: <c>'waw', 'lax'</c>.</summary>
public static class QuotedNames
{
    public static string Of(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
