using System.Text;
using OrleansCdn.Contracts.Api;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OrleansCdn.Contracts.Config.Yaml;

/// <summary>
/// Text to tree, by way of YamlDotNet's events rather than its own tree: that one recurses as deep as the file says,
/// expands aliases and gives up at the first duplicate key. Here depth and size are bounded while reading, and anchors,
/// aliases, tags and further documents are refused, so that a file means what it shows.
/// </summary>
internal sealed class YamlTreeReader
{
    /// <summary>The deepest key of a config, a carrier's, lies 8 levels down; twice that leaves room for a clear error.</summary>
    public const int MaxDepth = 16;

    /// <summary>A config of <see cref="ApiRoutes.MaxConfigBytes"/> with ordinary keys and values has under 100,000 nodes.</summary>
    public const int MaxNodes = 200_000;

    private readonly Parser _parser;
    private readonly ConfigErrors _errors;
    private int _nodes;

    private YamlTreeReader(Parser parser, ConfigErrors errors)
    {
        _parser = parser;
        _errors = errors;
    }

    /// <returns>The root; null when the text cannot be read at all, which then is the only error.</returns>
    public static YamlNode? Read(string yaml, ConfigErrors errors)
    {
        if (yaml.Length > ApiRoutes.MaxConfigBytes || Encoding.UTF8.GetByteCount(yaml) > ApiRoutes.MaxConfigBytes)
        {
            errors.Only(FilePosition.Start, "the file is too large", $"at most {ApiRoutes.MaxConfigBytes} bytes");
            return null;
        }

        // An editor's byte order mark would shift the first line's columns.
        using var reader = new StringReader(yaml.StartsWith('\uFEFF') ? yaml[1..] : yaml);
        try
        {
            return new YamlTreeReader(new Parser(reader), errors).ReadStream();
        }
        catch (YamlException mistake)
        {
            errors.Only(PositionOf(mistake.Start), $"the file is not YAML: {PrintableText.Of(mistake.Message, 200)}", null);
            return null;
        }
    }

    private YamlNode? ReadStream()
    {
        _parser.MoveNext();
        _parser.MoveNext();
        if (_parser.Current is not DocumentStart)
        {
            _errors.Only(FilePosition.Start, "the file is empty", "the keys cluster, pops and sites");
            return null;
        }

        _parser.MoveNext();
        YamlNode? root = ReadNode(ConfigPath.Root, FilePosition.Start, 1);
        if (root is null)
        {
            return null;
        }

        // The document's end, then either the stream's end or another document.
        _parser.MoveNext();
        if (_parser.Current is DocumentStart second)
        {
            _errors.Add(PositionOf(second.Start), ConfigPath.Root, null, "a second document begins", "one document in one file");
        }

        return root;
    }

    /// <returns>Null: the file goes beyond a limit and reading has ended.</returns>
    private YamlNode? ReadNode(ConfigPath path, FilePosition? namedAt, int depth)
    {
        ParsingEvent current = _parser.Current!;
        FilePosition at = PositionOf(current.Start);
        if (depth > MaxDepth)
        {
            _errors.Only(at, "the file is nested too deeply", $"at most {MaxDepth} levels");
            return null;
        }

        if (++_nodes > MaxNodes)
        {
            _errors.Only(at, "the file has too many keys and values", $"at most {MaxNodes} of both together");
            return null;
        }

        bool refused = Refuses(current, at, path);
        YamlNode? node = current switch
        {
            Scalar scalar => new YamlText(at, path, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadList(new YamlList(at, path), depth),
            MappingStart => ReadMap(new YamlMap(at, path, namedAt ?? at), depth),
            _ => new YamlRefused(at, path),
        };
        _parser.MoveNext();
        return refused && node is not null ? new YamlRefused(at, path) : node;
    }

    private bool Refuses(ParsingEvent current, FilePosition at, ConfigPath path)
    {
        if (current is AnchorAlias alias)
        {
            _errors.Add(at, path, $"*{alias.Value}", "is an alias", "the value itself, written out");
            return true;
        }

        if (current is not NodeEvent node)
        {
            return true;
        }

        if (!node.Anchor.IsEmpty)
        {
            _errors.Add(at, path, $"&{node.Anchor}", "is an anchor", "the value without it; write it out where it is needed again");
        }

        if (!node.Tag.IsEmpty)
        {
            _errors.Add(at, path, node.Tag.Value, "is a tag", "the value without it");
            return true;
        }

        return false;
    }

    private YamlList? ReadList(YamlList list, int depth)
    {
        _parser.MoveNext();
        while (_parser.Current is not SequenceEnd)
        {
            YamlNode? item = ReadNode(list.Path.Item(list.Items.Count), null, depth + 1);
            if (item is null)
            {
                return null;
            }

            list.Items.Add(item);
        }

        return list;
    }

    private YamlMap? ReadMap(YamlMap map, int depth)
    {
        _parser.MoveNext();
        while (_parser.Current is not MappingEnd)
        {
            YamlNode? key = ReadNode(map.Path, null, depth + 1);
            if (key is null)
            {
                return null;
            }

            string? name = (key as YamlText)?.Text;
            YamlNode? value = ReadNode(name is null ? map.Path : map.Path.Key(name), key.At, depth + 1);
            if (value is null)
            {
                return null;
            }

            AddEntry(map, key, value);
        }

        return map;
    }

    private void AddEntry(YamlMap map, YamlNode key, YamlNode value)
    {
        if (key is not YamlText name)
        {
            if (key is not YamlRefused)
            {
                _errors.Add(key.At, map.Path, null, "a list or a mapping stands where a key should", "text");
            }
        }
        else if (map.Find(name.Text) is YamlEntry first)
        {
            _errors.Add(key.At, value.Path, null, $"is given twice, first in line {first.Key.At.Line}", "each key once");
        }
        else
        {
            map.Add(new YamlEntry(name, value));
        }
    }

    private static FilePosition PositionOf(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
