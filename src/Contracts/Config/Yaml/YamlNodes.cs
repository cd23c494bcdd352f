namespace OrleansCdn.Contracts.Config.Yaml;

/// <summary>A node of the file as it was written: no types yet, but a place for every message.</summary>
internal abstract class YamlNode(FilePosition at, ConfigPath path)
{
    public FilePosition At => at;

    public ConfigPath Path => path;
}

/// <summary>A scalar. <paramref name="plain"/>: written without quotes.</summary>
internal sealed class YamlText(FilePosition at, ConfigPath path, string text, bool plain) : YamlNode(at, path)
{
    public string Text => text;

    /// <summary>Nothing after the colon, or YAML's own words for nothing (YAML 1.2 §10.3.2).</summary>
    public bool IsNull => plain && text is ("" or "~" or "null" or "Null" or "NULL");
}

internal sealed class YamlList(FilePosition at, ConfigPath path) : YamlNode(at, path)
{
    public List<YamlNode> Items { get; } = [];
}

/// <param name="namedAt">The key that this mapping belongs to, or its own start: where a missing key is reported.</param>
internal sealed class YamlMap(FilePosition at, ConfigPath path, FilePosition namedAt) : YamlNode(at, path)
{
    private readonly Dictionary<string, YamlEntry> _byKey = [];

    public FilePosition NamedAt => namedAt;

    /// <summary>In the order of the file; keys are unique.</summary>
    public List<YamlEntry> Entries { get; } = [];

    public YamlEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    public void Add(YamlEntry entry)
    {
        _byKey.Add(entry.Key.Text, entry);
        Entries.Add(entry);
    }
}

internal sealed record YamlEntry(YamlText Key, YamlNode Value);

/// <summary>Something that a config may not contain (an alias, a tagged value). Its error is listed; nothing more is said about it.</summary>
internal sealed class YamlRefused(FilePosition at, ConfigPath path) : YamlNode(at, path);
