using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OrleansCdn.Routing.Roa;

/// <summary>Takes a file in pieces. What an entry says is kept only when it is whole and right.</summary>
internal sealed class RoaParser
{
    /// <summary>Levels of the document: the members of the file, the entries of <c>roas</c>, their members.</summary>
    private const int FileDepth = 1;
    private const int EntryDepth = 3;

    private readonly RoaTable.Builder _table = new();
    private JsonReaderState _state;
    private string _member = "";
    private bool _inRoas;
    private uint? _asn;
    private IPNetwork? _prefix;
    private int? _maxLength;

    /// <summary>What is wrong with the last entry; null: nothing yet.</summary>
    public string? Error { get; private set; }

    public bool HasRoas { get; private set; }

    public RoaTable Build() => _table.Build();

    /// <returns>How much of it was understood; the rest has to come again with more.</returns>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public int Feed(ReadOnlySpan<byte> piece, bool isLast)
    {
        var reader = new Utf8JsonReader(piece, isLast, _state);
        while (Error is null && reader.Read())
        {
            Token(ref reader);
        }

        _state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    private void Token(ref Utf8JsonReader reader)
    {
        // A reader stands one level higher at the signs that open and close than within them.
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName when reader.CurrentDepth is FileDepth or EntryDepth:
                _member = reader.ValueSpan.Length <= 16 ? reader.GetString()! : "";
                break;
            case JsonTokenType.StartArray when reader.CurrentDepth == FileDepth && _member == "roas":
                (_inRoas, HasRoas) = (true, true);
                break;
            case JsonTokenType.EndArray when reader.CurrentDepth == FileDepth:
                _inRoas = false;
                break;
            case JsonTokenType.StartObject when _inRoas && reader.CurrentDepth == EntryDepth - 1:
                (_asn, _prefix, _maxLength) = (null, null, null);
                break;
            case JsonTokenType.EndObject when _inRoas && reader.CurrentDepth == EntryDepth - 1:
                Take();
                break;
            case JsonTokenType.String or JsonTokenType.Number when _inRoas && reader.CurrentDepth == EntryDepth:
                Value(ref reader);
                break;
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.Null or JsonTokenType.True or JsonTokenType.False
                when _inRoas && reader.CurrentDepth == EntryDepth - 1:
                Refuse("is no object");
                break;
        }
    }

    private void Value(ref Utf8JsonReader reader)
    {
        switch (_member)
        {
            case "asn":
                _asn = Asn(ref reader);
                Refuse(_asn is null, "has an 'asn' that is not an AS number such as 64500 or \"AS64500\"");
                break;
            case "prefix":
                _prefix = reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= 64 && IPNetwork.TryParse(reader.GetString(), out IPNetwork prefix) ? prefix : null;
                Refuse(_prefix is null, "has a 'prefix' that is not address/length");
                break;
            case "maxLength":
                _maxLength = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int length) ? length : null;
                Refuse(_maxLength is null, "has a 'maxLength' that is not a whole number");
                break;
        }
    }

    private static uint? Asn(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetUInt32(out uint number) ? number : null;
        }

        // "AS4294967295" is the longest.
        string text = reader.ValueSpan.Length <= 12 ? reader.GetString()! : "";
        ReadOnlySpan<char> digits = text.StartsWith("AS", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        return uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint asn) ? asn : null;
    }

    private void Take()
    {
        if (_asn is not { } asn || _prefix is not { } prefix)
        {
            Refuse("lacks 'asn' or 'prefix'");
            return;
        }

        int longest = prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int maxLength = _maxLength ?? prefix.PrefixLength;
        if (maxLength < prefix.PrefixLength || maxLength > longest)
        {
            Refuse($"has the maxLength {maxLength}, which for {prefix} is {prefix.PrefixLength} to {longest}");
            return;
        }

        if (_table.Count == RoaReader.MaxEntries)
        {
            Error = $"it has more than {RoaReader.MaxEntries} entries";
            return;
        }

        _table.Add(prefix, maxLength, asn);
    }

    private void Refuse(bool wrong, string what)
    {
        if (wrong)
        {
            Refuse(what);
        }
    }

    private void Refuse(string what) => Error ??= string.Create(CultureInfo.InvariantCulture, $"entry {_table.Count + 1} of 'roas' {what}");
}
