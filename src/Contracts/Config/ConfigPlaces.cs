using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config;

/// <summary>Where the parts of a config stand in its text, for checks that look at the whole config after it was read.</summary>
public sealed class ConfigPlaces
{
    private readonly YamlNode? _root;

    private ConfigPlaces(YamlNode? root) => _root = root;

    /// <param name="yaml">A text that <see cref="ConfigReader"/> has read without mistakes; of another one nothing is found.</param>
    public static ConfigPlaces Of(string yaml) => new(YamlTreeReader.Read(yaml, new ConfigErrors()));

    /// <summary>A mistake at the last of <paramref name="keys"/> that stands in the text.</summary>
    /// <param name="keys">From the root: <c>pops</c>, <c>waw</c>, <c>upstreams</c> …; an item of a list is <c>[0]</c>.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="showsValue">The message begins behind the value that stands there; else it says all itself.</param>
    public ConfigError Error(ReadOnlySpan<string> keys, string message, bool showsValue)
    {
        (FilePosition at, ConfigPath path, YamlNode? node) = (FilePosition.Start, ConfigPath.Root, _root);
        foreach (string key in keys)
        {
            if (node is YamlList list && TryIndex(key, out int index) && index < list.Items.Count)
            {
                node = list.Items[index];
                (at, path) = (node.At, path.Item(index));
                continue;
            }

            if ((node as YamlMap)?.Find(key) is not { } entry)
            {
                break;
            }

            node = entry.Value;
            (at, path) = (node is YamlText ? node.At : entry.Key.At, path.Key(key));
        }

        return new ConfigError
        {
            Line = at.Line,
            Column = at.Column,
            Path = path.ToString(),
            Value = showsValue && node is YamlText text ? PrintableText.Of(text.Text, ConfigErrors.MaxValueLength) : null,
            Message = message,
        };
    }

    private static bool TryIndex(string key, out int index)
    {
        index = 0;
        return key is ['[', .. string digits, ']'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }
}
