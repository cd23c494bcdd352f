using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Sections;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config;

/// <summary>Either a valid config or every mistake of the text, in the order of the file.</summary>
public sealed record ConfigReadResult(CdnConfig? Config, ImmutableArray<ConfigError> Errors);

/// <summary>The config file (docs/configuration.md): text to tree (Yaml/), tree to records (Sections/, by the tables of their keys).</summary>
public static class ConfigReader
{
    /// <summary>Reads any text, hostile ones too, and does not throw.</summary>
    /// <param name="yaml">At most <see cref="ApiRoutes.MaxConfigBytes"/> in UTF-8.</param>
    public static ConfigReadResult Read(string yaml)
    {
        var errors = new ConfigErrors();
        YamlNode? root = YamlTreeReader.Read(yaml, errors);
        CdnConfig? config = root is null ? null : RootSection.Bind(root, errors);
        return errors.Any
            ? new ConfigReadResult(null, errors.InFileOrder())
            : new ConfigReadResult(config, []);
    }
}
