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

    /// <summary>YamlDotNet's messages have under 100 characters, and some repeat a part of the file.</summary>
    private const int MaxMessage = 200;

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

        if (LoneSurrogate(yaml) is FilePosition broken)
        {
            errors.Only(broken, "the file is not Unicode: half of a surrogate pair stands here", "text in UTF-8");
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
            errors.Only(PositionOf(mistake.Start), $"the file is not YAML: {PrintableText.Of(mistake.Message.TrimEnd('.'), MaxMessage)}", null);
            return null;
        }
    }

    private YamlNode? ReadStream()
    {
        Advance();
        Advance();
        if (_parser.Current is not DocumentStart)
        {
            _errors.Only(FilePosition.Start, "the file is empty", "the keys cluster, pops and sites");
            return null;
        }

        Advance();
        YamlNode? root = ReadNode(ConfigPath.Root, FilePosition.Start, 1);
        if (root is null)
        {
            return null;
        }

        // The document's end, then either the stream's end or another document.
        Advance();
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
        Advance();
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
        Advance();
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
        Advance();
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

    /// <summary>
    /// On some broken texts YamlDotNet 16.3 throws what it does not document (<c>a: [1</c> and a line <c>b: 2</c> bring an
    /// InvalidOperationException) or ends in the middle of a mapping. Both are taken for what they are: text that is no YAML.
    /// </summary>
    private void Advance()
    {
        Mark before = _parser.Current?.End ?? Mark.Empty;
        Exception? cause = null;
        try
        {
            if (_parser.MoveNext())
            {
                return;
            }
        }
        catch (Exception failure) when (failure is not YamlException)
        {
            cause = failure;
        }

        const string Message = "something after this place is wrong; is a bracket, brace or quote not closed?";
        throw cause is null ? new YamlException(before, before, Message) : new YamlException(before, before, Message, cause);
    }

    /// <summary>Such a text could not be sent on in UTF-8. Files have none; strings of other origin may.</summary>
    private static FilePosition? LoneSurrogate(string yaml)
    {
        for (int i = 0; i < yaml.Length; i++)
        {
            if (!char.IsSurrogate(yaml[i]))
            {
                continue;
            }

            if (i + 1 == yaml.Length || !char.IsSurrogatePair(yaml[i], yaml[i + 1]))
            {
                ReadOnlySpan<char> before = yaml.AsSpan(0, i);
                return new FilePosition(before.Count('\n') + 1, i - before.LastIndexOf('\n'));
            }

            i++;
        }

        return null;
    }

    private static FilePosition PositionOf(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
