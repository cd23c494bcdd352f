namespace OrleansCdn.Edge.Cache;

/// <summary>
/// One copy of field values that many stored responses have alike: content types, lifetimes, server names, dates of the same
/// second. A small object's header is as large as its body, and most of it is such values.
/// </summary>
/// <remarks>
/// A table of fixed size in which the newest text of a slot stays; hashes are keyed per process. Races cost a copy, nothing else.
/// </remarks>
public static class SharedText
{
    /// <summary>Longer values are seldom alike.</summary>
    private const int MaxLength = 64;

    /// <summary>Texts at a time, a power of two: at most some 600 KiB.</summary>
    private const int Slots = 4096;

    private static readonly string?[] Texts = new string?[Slots];

    /// <summary>A text equal to <paramref name="text"/>; the very same for all who ask, as long as it is often asked for.</summary>
    public static string Of(string text)
    {
        if (text.Length > MaxLength)
        {
            return text;
        }

        ref string? slot = ref Texts[string.GetHashCode(text, StringComparison.Ordinal) & (Slots - 1)];
        string? known = Volatile.Read(ref slot);
        if (known is not null && string.Equals(known, text, StringComparison.Ordinal))
        {
            return known;
        }

        Volatile.Write(ref slot, text);
        return text;
    }
}
