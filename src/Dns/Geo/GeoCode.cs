namespace OrleansCdn.Dns.Geo;

/// <summary>Two capital letters: a country of ISO 3166-1 or a continent (AF, AN, AS, EU, NA, OC, SA); the default value: not known.</summary>
public readonly record struct GeoCode
{
    private readonly ushort _letters;

    private GeoCode(ushort letters) => _letters = letters;

    public bool IsKnown => _letters != 0;

    /// <summary>Capitals or small letters; databases have both.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out GeoCode code)
    {
        bool isCode = text.Length == 2 && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[1]);
        code = isCode ? new GeoCode((ushort)(((text[0] & ~0x20) << 8) | (text[1] & ~0x20))) : default;
        return isCode;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out GeoCode)"/>
    public static bool TryParse(ReadOnlySpan<byte> text, out GeoCode code)
    {
        code = default;
        return text.Length == 2 && TryParse([(char)text[0], (char)text[1]], out code);
    }

    /// <exception cref="FormatException">Not two letters.</exception>
    public static GeoCode Parse(string text) =>
        TryParse(text, out GeoCode code) ? code : throw new FormatException($"'{text}' is not a code of two letters");

    /// <summary>Null: not known.</summary>
    public string? ToText() => IsKnown ? ToString() : null;

    public override string ToString() => IsKnown ? string.Create(2, _letters, static (text, letters) =>
    {
        text[0] = (char)(letters >> 8);
        text[1] = (char)(letters & 0xFF);
    }) : "--";
}
