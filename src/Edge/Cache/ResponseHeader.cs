using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>The end-to-end fields of a response in their order; immutable. Names compare without case.</summary>
public sealed class ResponseHeader(KeyValuePair<string, StringValues>[] fields)
{
    public static readonly ResponseHeader Empty = new([]);

    public ReadOnlySpan<KeyValuePair<string, StringValues>> Fields => fields;

    /// <summary>All lines of a field; empty when absent.</summary>
    public StringValues this[string name]
    {
        get
        {
            foreach (KeyValuePair<string, StringValues> field in fields)
            {
                if (field.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return field.Value;
                }
            }

            return StringValues.Empty;
        }
    }

    public bool Contains(string name) => this[name].Count > 0;

    /// <summary>
    /// RFC 9111 §3.2: fields of a 304 (or HEAD) replace those stored, but for the ones that say how to read the stored bytes.
    /// </summary>
    public ResponseHeader Merge(ResponseHeader update)
    {
        var merged = new List<KeyValuePair<string, StringValues>>(fields.Length + update.Fields.Length);
        foreach (KeyValuePair<string, StringValues> field in fields)
        {
            if (DescribesContent(field.Key) || !update.Contains(field.Key))
            {
                merged.Add(field);
            }
        }

        foreach (KeyValuePair<string, StringValues> field in update.Fields)
        {
            if (!DescribesContent(field.Key))
            {
                merged.Add(field);
            }
        }

        return new ResponseHeader([.. merged]);
    }

    /// <summary>All but the lines of one field.</summary>
    public ResponseHeader Without(string name) => Contains(name)
        ? new ResponseHeader([.. fields.Where(f => !f.Key.Equals(name, StringComparison.OrdinalIgnoreCase))])
        : this;

    /// <summary>The same header without some fields.</summary>
    public ResponseHeader Without(Predicate<string> isDropped) =>
        Array.Exists(fields, field => isDropped(field.Key)) ? new ResponseHeader(Array.FindAll(fields, field => !isDropped(field.Key))) : this;

    private static bool DescribesContent(string name) =>
        name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Range", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-MD5", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Digest", StringComparison.OrdinalIgnoreCase);

    /// <summary>Bytes that this block holds, for the store's account: two bytes a character, and the objects' headers.</summary>
    /// <param name="beside">A header that is counted already: lines that both have are the same texts.</param>
    public long Weight(ResponseHeader? beside = null)
    {
        long weight = 48;
        foreach (KeyValuePair<string, StringValues> field in fields)
        {
            weight += 16;
            if (beside is not null && beside[field.Key] == field.Value)
            {
                continue;
            }

            foreach (string? value in field.Value)
            {
                weight += 24 + (2L * (value?.Length ?? 0));
            }
        }

        return weight;
    }
}
