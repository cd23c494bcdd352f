using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Routing.Catalogue;

/// <summary>The community catalogues of all known providers: those that come with this software, and the config's own. Immutable.</summary>
public sealed class ProviderCatalogue
{
    private const string Extension = ".yaml";

    /// <summary>A directory of catalogues: ten times what comes with this software.</summary>
    private const int MaxFiles = 256;

    private static readonly Lazy<ProviderCatalogue> LazyShipped = new(ReadShipped);

    private readonly FrozenDictionary<string, ProviderConfig> _byId;

    private ProviderCatalogue(IEnumerable<ProviderConfig> providers)
    {
        _byId = providers.ToFrozenDictionary(p => p.Id);
        All = [.. _byId.Values.OrderBy(p => p.Id, StringComparer.Ordinal)];
    }

    /// <summary>What comes with this software: one file each in <c>Catalogue/Providers</c>.</summary>
    public static ProviderCatalogue Shipped => LazyShipped.Value;

    /// <summary>By id.</summary>
    public ImmutableArray<ProviderConfig> All { get; }

    public static ProviderCatalogue Of(CdnConfig config) => Shipped.With(config.Providers);

    /// <summary>One of the same name takes the place of a known one.</summary>
    public ProviderCatalogue With(ImmutableArray<ProviderConfig> providers) =>
        providers.IsEmpty ? this : new ProviderCatalogue(providers.Concat(All).DistinctBy(p => p.Id));

    public ProviderConfig? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Every <c>NAME.yaml</c> of a directory; with mistakes in one of them, none.</summary>
    /// <param name="directory">Not its subdirectories.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static (ProviderCatalogue? Catalogue, ImmutableArray<(string File, ConfigError Error)> Errors) Load(string directory)
    {
        var providers = new List<ProviderConfig>();
        var errors = ImmutableArray.CreateBuilder<(string, ConfigError)>();
        string[] files = [.. Directory.EnumerateFiles(directory, "*" + Extension).Take(MaxFiles + 1).Order(StringComparer.Ordinal)];
        if (files.Length > MaxFiles)
        {
            errors.Add((directory, new ConfigError { Line = 0, Column = 0, Path = "", Message = $"has more than {MaxFiles} catalogues" }));
            return (null, errors.ToImmutable());
        }

        foreach (string file in files)
        {
            string text = new FileInfo(file).Length > ApiRoutes.MaxConfigBytes ? new string(' ', ApiRoutes.MaxConfigBytes + 1) : File.ReadAllText(file);
            ProviderReadResult read = ProviderReader.Read(Path.GetFileNameWithoutExtension(file), text);
            errors.AddRange(read.Errors.Select(error => (file, error)));
            if (read.Provider is { } provider)
            {
                providers.Add(provider);
            }
        }

        return errors.Count > 0 ? (null, errors.ToImmutable()) : (new ProviderCatalogue(providers), []);
    }

    private static ProviderCatalogue ReadShipped()
    {
        Assembly assembly = typeof(ProviderCatalogue).Assembly;
        return new ProviderCatalogue(assembly.GetManifestResourceNames().Where(name => name.EndsWith(Extension, StringComparison.Ordinal)).Select(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            ProviderReadResult read = ProviderReader.Read(name[..^Extension.Length], reader.ReadToEnd());
            return read.Provider ?? throw new InvalidOperationException(ConfigErrorText.Format(name, read.Errors));
        }));
    }
}
