using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Sections;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config;

/// <summary>Either a valid catalogue or every mistake of the text, in the order of the file.</summary>
public sealed record ProviderReadResult(ProviderConfig? Provider, ImmutableArray<ConfigError> Errors);

/// <summary>A provider's community catalogue as a file of its own (docs/routing-policy.md).</summary>
public static class ProviderReader
{
    /// <summary>Reads any text, hostile ones too, and does not throw.</summary>
    /// <param name="id">The provider's name: the file's, without <c>.yaml</c>.</param>
    /// <param name="yaml">At most <see cref="ApiRoutes.MaxConfigBytes"/> in UTF-8.</param>
    public static ProviderReadResult Read(string id, string yaml)
    {
        var errors = new ConfigErrors();
        if (Tokens.Name.Parse(id, out _) is string problem)
        {
            errors.Add(FilePosition.Start, ConfigPath.Root, id, $"as the file's name {problem}", Tokens.Name.Allowed);
        }

        ProviderConfig? provider = YamlTreeReader.Read(yaml, errors) is YamlNode root && MapReader.Open(root, ProviderSection.Table, errors) is MapReader keys
            ? ProviderSection.Bind(id, keys)
            : null;
        return errors.Any ? new ProviderReadResult(null, errors.InFileOrder()) : new ProviderReadResult(provider, []);
    }
}
