using System.Collections.Immutable;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Catalogue;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Routing.Tests;

public sealed class CatalogueTests
{
    public static TheoryData<string> Shipped => [.. ProviderCatalogue.Shipped.All.Select(p => p.Id)];

    [Fact]
    public void The_founding_networks_providers_and_the_large_exchanges_are_there() => Assert.Equal(
        ["123net", "amsix", "arelion", "att", "cogent", "decix", "hurricane-electric", "linx", "lumen", "ntt", "rs", "vultr"],
        ProviderCatalogue.Shipped.All.Select(p => p.Id));

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_catalogue_says_where_it_is_from_and_expands(string id)
    {
        ProviderConfig provider = ProviderCatalogue.Shipped.Find(id)!;

        Assert.True(provider.Source.Length > 10 && provider.Date > new DateOnly(2020, 1, 1));
        // What cannot be said at all has a note for the error.
        Assert.True(!provider.EachCarrier.Withdraw.IsEmpty || provider.Note is not null);
        Assert.Equal(provider.Known.Length, provider.Known.DistinctBy(k => k.Community).Count());
        foreach (string template in provider.EachCarrier.Prepend.SelectMany(p => p).Concat(provider.EachCarrier.Withdraw).Concat(provider.NoExport).Concat(provider.IxpOnly))
        {
            Assert.True(CommunityTemplate.TryExpand(template, 174, 64515, out _), template);
        }
    }

    [Fact]
    public void A_configs_own_provider_takes_a_shipped_ones_place()
    {
        ProviderConfig own = ProviderCatalogue.Shipped.Find("vultr")! with { Name = "Mine", Source = "its engineers" };
        ProviderCatalogue catalogue = ProviderCatalogue.Shipped.With([own, own with { Id = "other" }]);

        Assert.Equal(("Mine", "Mine", "NTT"), (catalogue.Find("vultr")!.Name, catalogue.Find("other")!.Name, catalogue.Find("ntt")!.Name));
        Assert.Null(catalogue.Find("nobody"));
    }

    [Fact]
    public void A_directory_is_read_whole_or_not_at_all()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("catalogue");
        try
        {
            File.WriteAllText(Path.Combine(directory.FullName, "one.yaml"), Text);
            File.WriteAllText(Path.Combine(directory.FullName, "notes.txt"), "not read");
            (ProviderCatalogue? catalogue, ImmutableArray<(string, ConfigError)> none) = ProviderCatalogue.Load(directory.FullName);
            Assert.Empty(none);
            Assert.Equal("One", catalogue!.Find("one")!.Name);

            File.WriteAllText(Path.Combine(directory.FullName, "Two.yaml"), Text);
            File.WriteAllText(Path.Combine(directory.FullName, "three.yaml"), Text.Replace("64600:{asn}", "64600:{as}", StringComparison.Ordinal));
            (ProviderCatalogue? broken, ImmutableArray<(string File, ConfigError Error)> errors) = ProviderCatalogue.Load(directory.FullName);
            Assert.Null(broken);
            Assert.Equal(
                ["Two.yaml:1:1: 'Two' as the file's name is not a name", "three.yaml:5:29: each-carrier.withdraw[0]: '64600:{as}' is not a community"],
                errors.Select(e => ConfigErrorText.Format(Path.GetFileName(e.File), e.Error with { Allowed = null })));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void All_mistakes_come_at_once_with_their_places()
    {
        ProviderReadResult read = ProviderReader.Read("one", "name: One\nasn: 0\ndate: yesterday\nactions: {}\neach-carrier: { withdraw: [nothing], prepend-6: [\"1:1\"] }\n");

        Assert.Null(read.Provider);
        Assert.Equal(
            [
                "one:1:1: source: is missing",
                "one:2:6: asn: '0' is a reserved AS number that nothing may announce",
                "one:3:7: date: 'yesterday' is not a date",
                "one:4:1: actions: is not a known key",
                "one:5:28: each-carrier.withdraw[0]: 'nothing' is not a community",
                "one:5:38: each-carrier.prepend-6: is not a known key; did you mean prepend-1?",
            ],
            read.Errors.Select(e => ConfigErrorText.Format("one", e with { Allowed = null })));
    }

    /// <summary>Damaged catalogues end in errors with places, never in an exception, and never in one that cannot be compiled with.</summary>
    [Fact]
    public void Damaged_catalogues_are_read_to_errors()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CDN_FUZZ_SEED"), out int given) ? given : System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("CDN_FUZZ_ROUNDS"), out int many) ? many : 3_000;
        var random = new Random(seed);
        string[] corpus = [Text, .. Directory.GetFiles(Path.Combine(Repository.Root, "src/Routing/Catalogue/Providers"), "*.yaml").Order().Select(File.ReadAllText)];
        Assert.True(corpus.Length > 10);
        for (int round = 0; round < rounds; round++)
        {
            string text = Damage(corpus[random.Next(corpus.Length)], random);
            try
            {
                ProviderReadResult read = ProviderReader.Read("one", text);
                Assert.Equal(read.Provider is null, read.Errors.Length > 0);
                if (read.Provider is { } provider)
                {
                    ProviderCatalogue catalogue = ProviderCatalogue.Shipped.With([provider]);
                    FoundingNetwork.Compile(
                        FoundingNetwork.Upstream("lax", "vultr") with { Provider = "one" }, new RouteIntent { NoExport = true }, catalogue);
                }
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}, round {round}: {error}\n{text}");
            }
        }
    }

    private static string Damage(string text, Random random)
    {
        var damaged = new StringBuilder(text);
        for (int i = random.Next(1, 5); i > 0 && damaged.Length > 1; i--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(4))
            {
                case 0:
                    damaged.Remove(at, Math.Min(damaged.Length - at, random.Next(1, 20)));
                    break;
                case 1:
                    damaged.Insert(at, Signs[random.Next(Signs.Length)]);
                    break;
                case 2:
                    damaged[at] = (char)random.Next(32, 127);
                    break;
                default:
                    int length = Math.Min(damaged.Length - at, 40);
                    damaged.Insert(random.Next(damaged.Length), damaged.ToString(at, length));
                    break;
            }
        }

        return damaged.ToString();
    }

    private const string Signs = "{}[]:,\"'-#&*!|>%@`\n\t 0123456789~\0é\ud800";

    private const string Text = """
        name: One
        asn: 64510
        source: https://one.example.net/communities
        date: 2026-01-31
        each-carrier: { withdraw: [ "64600:{asn}" ], prepend-1: [ "64601:{asn}", "64510:1:{asn}" ] }
        carriers: { 174: { withdraw: [ "rt:64510:174" ] } }
        no-export: [ "{neighbor}:0" ]
        known: [ { community: "64510:1", meaning: first } ]
        """;
}
