using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Binding;

/// <summary>
/// One mapping of the file, asked key by key. Whatever is wrong with the asked key is listed; keys that the table does not
/// have are listed at once. A value that comes back after an error is a stand-in: the config is dropped in the end.
/// </summary>
internal sealed class MapReader
{
    private readonly YamlMap _map;
    private readonly KeyTable _table;
    private readonly ConfigErrors _errors;

    /// <summary>Required keys that are there under a misspelt name: one mistake, so one error.</summary>
    private readonly HashSet<string> _misspelt = [];

    private MapReader(YamlMap map, KeyTable table, ConfigErrors errors)
    {
        _map = map;
        _table = table;
        _errors = errors;
        foreach (YamlEntry entry in map.Entries)
        {
            if (table.Find(entry.Key.Text) is null)
            {
                ReportUnknown(entry);
            }
        }
    }

    public YamlMap Node => _map;

    /// <summary>The key stands there, rightly or not.</summary>
    public bool Has(Key key) => _map.Find(key.Name) is not null;

    /// <summary>Something may have been meant by them, so nothing is said about what is missing.</summary>
    public bool HasUnknownKeys { get; private set; }

    /// <returns>Null when the node is no mapping, which then is listed.</returns>
    public static MapReader? Open(YamlNode node, KeyTable table, ConfigErrors errors)
    {
        if (node is YamlMap map)
        {
            return new MapReader(map, table, errors);
        }

        ReportWrongKind(node, "a mapping", $"the keys {table.Names}", errors);
        return null;
    }

    /// <summary>A mistake in what this mapping says as a whole.</summary>
    public void Report(string message, string? allowed) => _errors.Add(_map.NamedAt, _map.Path, null, message, allowed);

    public Found<T> Read<T>(ScalarKey<T> key)
    {
        YamlNode? node = ValueOf(key);
        return node is null
            ? new Found<T>(key.DefaultValue, null, !key.Required)
            : ParseText(node, key.Type, key.Allowed);
    }

    /// <returns>Every item that is right, with its node.</returns>
    public ImmutableArray<Found<T>> Read<T>(ListKey<T> key) =>
        [.. Items(key, key.Min, key.Max, key.OrOne).Select(item => ParseText(item, key.Item, key.Item.Allowed)).Where(item => item.Given)];

    /// <returns>False when the list is none, or an item of it was wrong.</returns>
    public bool IsRight<T>(ListKey<T> key, ImmutableArray<Found<T>> read) =>
        _map.Find(key.Name)?.Value switch
        {
            null => true,
            YamlList list => list.Items.Count == read.Length,
            _ => key.OrOne && read.Length == 1,
        };

    public MapReader? Section(SectionKey key) => ValueOf(key) is YamlNode node ? Open(Written(node, key.Short), key.Table, _errors) : null;

    public IEnumerable<MapReader> Sections(SectionListKey key)
    {
        foreach (YamlNode item in Items(key, key.Min, key.Max))
        {
            if (Open(Written(item, key.Short), key.Table, _errors) is MapReader reader)
            {
                yield return reader;
            }
        }
    }

    /// <returns>By id; entries whose id is wrong are still read, so that their own mistakes are listed too.</returns>
    public IEnumerable<(string Id, MapReader Section)> Sections(SectionMapKey key)
    {
        YamlNode? node = ValueOf(key);
        if (node is null)
        {
            yield break;
        }

        if (node is not YamlMap map)
        {
            ReportWrongKind(node, "a mapping by id", key.Allowed, _errors);
            yield break;
        }

        ReportCount(map, map.Entries.Count, key.Min, key.Max);
        foreach (YamlEntry entry in map.Entries.Take(key.Max))
        {
            if (key.Id.Parse(entry.Key.Text, out _) is string problem)
            {
                _errors.Add(entry.Key.At, map.Path.Key(entry.Key.Text), entry.Key.Text, problem, key.Id.Allowed);
            }

            if (Open(entry.Value, key.Table, _errors) is MapReader reader)
            {
                yield return (entry.Key.Text, reader);
            }
        }
    }

    private YamlNode? ValueOf(Key key)
    {
        if (_map.Find(key.Name) is not YamlEntry entry)
        {
            if (key.Required && !_misspelt.Contains(key.Name))
            {
                _errors.Add(_map.NamedAt, _map.Path.Key(key.Name), null, "is missing", key.Allowed);
            }

            return null;
        }

        if (entry.Value is YamlText { IsNull: true })
        {
            _errors.Add(entry.Value.At, entry.Value.Path, null, "has no value", key.Allowed);
            return new YamlRefused(entry.Value.At, entry.Value.Path);
        }

        return entry.Value;
    }

    /// <summary>The mapping that a value alone stands for.</summary>
    private static YamlNode Written(YamlNode node, ScalarKey<string>? @short)
    {
        if (@short is null || node is not YamlText { IsNull: false } text)
        {
            return node;
        }

        var map = new YamlMap(text.At, text.Path, text.At);
        map.Add(new YamlEntry(new YamlText(text.At, text.Path, @short.Name, plain: true), text));
        return map;
    }

    private IEnumerable<YamlNode> Items(Key key, int min, int max, bool orOne = false)
    {
        YamlNode? node = ValueOf(key);
        if (orOne && node is YamlText)
        {
            return [node];
        }

        if (node is not YamlList list)
        {
            if (node is not null)
            {
                ReportWrongKind(node, "a list", key.Allowed, _errors);
            }

            return [];
        }

        ReportCount(list, list.Items.Count, min, max);
        return list.Items.Take(max);
    }

    private void ReportCount(YamlNode node, int count, int min, int max)
    {
        if (count < min || count > max)
        {
            _errors.Add(node.At, node.Path, null, count < min ? "is empty" : $"has {count} entries", $"{min} to {max} entries");
        }
    }

    private Found<T> ParseText<T>(YamlNode node, Scalars.ScalarType<T> type, string allowed)
    {
        if (node is not YamlText text)
        {
            ReportWrongKind(node, "a single value", allowed, _errors);
            return default;
        }

        T value = default!;
        string? problem = text.IsNull ? "is no value" : type.Parse(text.Text, out value);
        if (problem is null)
        {
            return new Found<T>(value, text, Valid: true);
        }

        _errors.Add(text, problem, allowed);
        return default;
    }

    private void ReportUnknown(YamlEntry entry)
    {
        HasUnknownKeys = true;

        // An alias under a merge key is listed already, as an alias.
        if (_errors.IsFull || (entry.Key.Text == "<<" && entry.Value is YamlRefused))
        {
            return;
        }

        string? meant = Suggestion.For(entry.Key.Text, _table);
        if (meant is not null && _map.Find(meant) is null)
        {
            _misspelt.Add(meant);
        }

        string message = meant is null ? "is not a known key" : $"is not a known key; did you mean {meant}?";
        _errors.Add(entry.Key.At, entry.Value.Path, null, message, _table.Names);
    }

    private static void ReportWrongKind(YamlNode node, string expected, string allowed, ConfigErrors errors)
    {
        if (node is YamlRefused)
        {
            return;
        }

        string found = node switch { YamlList => "a list", YamlMap => "a mapping", YamlText { IsNull: true } => "nothing", _ => "a single value" };
        errors.Add(node, $"is {found}, not {expected}", allowed);
    }
}
