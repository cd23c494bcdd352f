namespace OrleansCdn.Dns.Zones.Master;

/// <summary>A word or a quoted string of a master file.</summary>
/// <param name="Text">As written, without the quotes; escapes stand in it as they are.</param>
/// <param name="Line">From 1.</param>
/// <param name="IsQuoted">It was quoted: it is never a keyword, and it may be empty.</param>
internal readonly record struct MasterToken(string Text, int Line, bool IsQuoted)
{
    public bool Is(string keyword) => !IsQuoted && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);
}

/// <summary>One entry: what stands on a line, or on several within parentheses.</summary>
/// <param name="Tokens">At least one.</param>
/// <param name="Line">Of the first.</param>
/// <param name="BeginsBlank">The line began with a blank: the owner is the last one (RFC 1035 §5.1).</param>
internal sealed record MasterEntry(IReadOnlyList<MasterToken> Tokens, int Line, bool BeginsBlank);
