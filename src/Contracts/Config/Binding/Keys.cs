using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Binding;

/// <summary>One key of a config file. Messages, the binder and docs/configuration.md all draw on it.</summary>
/// <param name="Name">As it stands in the file.</param>
/// <param name="Allowed">What its value may be.</param>
/// <param name="Default">What holds when it is left out; null: it must be given.</param>
/// <param name="Meaning">One line for the docs.</param>
internal abstract record Key(string Name, string Allowed, string? Default, string Meaning)
{
    public bool Required => Default is null;
}

/// <summary>One value.</summary>
internal sealed record ScalarKey<T> : Key
{
    private ScalarKey(string name, ScalarType<T> type, T value, string? @default, string meaning)
        : base(name, type.Allowed, @default, meaning)
    {
        Type = type;
        DefaultValue = value;
    }

    public ScalarType<T> Type { get; }

    public T DefaultValue { get; }

    public static ScalarKey<T> Must(string name, ScalarType<T> type, string meaning) => new(name, type, default!, null, meaning);

    public static ScalarKey<T> May(string name, ScalarType<T> type, T value, string meaning) =>
        new(name, type, value, type.Format(value), meaning);

    /// <param name="absent">What it means that the key is not there.</param>
    public static ScalarKey<T> Optional(string name, ScalarType<T> type, string absent, string meaning) =>
        new(name, type, default!, absent, meaning);
}

/// <summary>A list of values. <paramref name="OrOne"/>: a value alone is a list of it.</summary>
internal sealed record ListKey<T>(string Name, ScalarType<T> Item, int Min, int Max, string Meaning, bool OrOne = false)
    : Key(
        Name,
        $"{(OrOne ? "one, or " : "")}a list of {(Min > 0 ? $"{Min} to" : "at most")} {Max}: {Item.Allowed}",
        Min > 0 ? null : "none",
        Meaning);

/// <summary>A mapping with keys of its own. <paramref name="Short"/>: the key that a value alone stands for; null: it is none.</summary>
internal sealed record SectionKey(string Name, KeyTable Table, string? Absent, string Meaning, ScalarKey<string>? Short = null)
    : Key(Name, $"{(Short is null ? "" : $"{Short.Allowed}, or ")}the keys {Table.Names}", Absent, Meaning);

/// <summary>A list of mappings. <paramref name="Short"/>: the key that a value alone stands for; null: it is none.</summary>
internal sealed record SectionListKey(string Name, KeyTable Table, int Min, int Max, string Meaning, ScalarKey<string>? Short = null)
    : Key(
        Name,
        $"a list of {(Min > 0 ? $"{Min} to" : "at most")} {Max}, each {(Short is null ? "" : $"{Short.Allowed}, or ")}with the keys {Table.Names}",
        Min > 0 ? null : "none",
        Meaning);

/// <summary>Mappings by id, as in <c>pops: { waw: { ... } }</c>.</summary>
internal sealed record SectionMapKey(string Name, ScalarType<string> Id, KeyTable Table, int Min, int Max, string Meaning)
    : Key(Name, $"{(Min > 0 ? $"{Min} to" : "at most")} {Max} by id, each with the keys {Table.Names}", Min > 0 ? null : "none", Meaning);

/// <summary>The keys of one mapping. <paramref name="Where"/>: how docs and messages name it, <c>pops.ID.edges[]</c>.</summary>
internal sealed record KeyTable(string Where, ImmutableArray<Key> Keys)
{
    public string Names => string.Join(", ", Keys.Select(key => key.Name));

    public Key? Find(string name)
    {
        foreach (Key key in Keys)
        {
            if (key.Name == name)
            {
                return key;
            }
        }

        return null;
    }
}
