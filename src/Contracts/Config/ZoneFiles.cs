using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Sections;
using OrleansCdn.Contracts.Config.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OrleansCdn.Contracts.Config;

/// <summary>
/// Zone files that a config names: what stands in them is put into the config's text before it is checked, sent or kept, so that
/// nobody but who reads the config file reads files that it names.
/// </summary>
public static class ZoneFiles
{
    /// <summary>A replaced value stays on its line, so that messages about all others lead to the right places of the operator's file.</summary>
    /// <param name="configPath">Relative paths begin beside it.</param>
    /// <param name="yaml">Any text; one that is no config comes back as it is, for <see cref="ConfigReader"/> to say why.</param>
    public static (string Yaml, ImmutableArray<ConfigError> Errors) Inline(string configPath, string yaml)
    {
        var errors = new ConfigErrors();
        Dictionary<FilePosition, YamlText> named = Named(yaml);
        if (named.Count == 0)
        {
            return (yaml, []);
        }

        var text = new StringBuilder(yaml.Length);
        int copied = 0;
        foreach ((int start, int end, YamlText path) in Places(yaml, named))
        {
            if (Read(configPath, path, errors) is string records)
            {
                text.Append(yaml, copied, start - copied).Append(Section(path.Text, records));
                copied = end;
            }
        }

        return (text.Append(yaml, copied, yaml.Length - copied).ToString(), errors.InFileOrder());
    }

    private static Dictionary<FilePosition, YamlText> Named(string yaml)
    {
        var ignored = new ConfigErrors();
        return YamlTreeReader.Read(yaml, ignored) is YamlMap root
            && root.Find(RootSection.Dns.Name)?.Value is YamlMap dns
            && dns.Find(DnsSection.Zones.Name)?.Value is YamlList zones
            ? zones.Items.Take(ConfigLimits.Zones).OfType<YamlMap>()
                .Select(zone => zone.Find(ZoneSection.File.Name)?.Value).OfType<YamlText>().Where(path => !path.IsNull)
                .ToDictionary(path => path.At)
            : [];
    }

    /// <summary>Where in the text they begin and end.</summary>
    private static IEnumerable<(int Start, int End, YamlText Path)> Places(string yaml, Dictionary<FilePosition, YamlText> named)
    {
        int skipped = yaml.StartsWith('\uFEFF') ? 1 : 0;
        var parser = new Parser(new StringReader(yaml[skipped..]));
        while (parser.MoveNext())
        {
            if (parser.Current is Scalar scalar && named.TryGetValue(new FilePosition((int)scalar.Start.Line, (int)scalar.Start.Column), out YamlText? path))
            {
                yield return ((int)scalar.Start.Index + skipped, (int)scalar.End.Index + skipped, path);
            }
        }
    }

    private static string? Read(string configPath, YamlText path, ConfigErrors errors)
    {
        if (ZoneFileSection.Path.Type.Parse(path.Text, out _) is string wrong)
        {
            errors.Add(path, wrong, ZoneFileSection.Path.Allowed);
            return null;
        }

        string file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(configPath)) ?? "", path.Text);
        try
        {
            using FileStream stream = File.OpenRead(file);

            // One more than may be there: what has no length (a pipe) is bounded, too.
            var bytes = new byte[ConfigLimits.MaxRecordsBytes + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            string records = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length).TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);
            if (ZoneFileSection.Text.Type.Parse(records, out _) is string problem)
            {
                errors.Add(path, $"names a file whose text {problem}", ZoneFileSection.Text.Type.Allowed);
                return null;
            }

            return records;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            errors.Add(path, $"cannot be read: {PrintableText.Of(e.Message, ConfigErrors.MaxValueLength)}", ZoneFileSection.Path.Allowed);
        }
        catch (DecoderFallbackException)
        {
            errors.Add(path, "is not UTF-8 text", "a zone file (RFC 1035 §5)");
        }

        return null;
    }

    private static string Section(string path, string records) =>
        $"{{ {ZoneFileSection.Path.Name}: {Quoted(path)}, {ZoneFileSection.Text.Name}: {Quoted(records)} }}";

    /// <summary>YAML 1.2 §7.3.1, on one line: in double quotes line breaks of any kind would be folded.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '"' or '\\' => quoted.Append('\\').Append((char)rune.Value),
                >= ' ' and <= '~' => quoted.Append((char)rune.Value),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"),
            };
        }

        return quoted.Append('"').ToString();
    }
}
