using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Routing.Catalogue;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Routing.Tests;

/// <summary>docs/routing-policy.md shows the catalogues as they are; <c>CDN_WRITE_DOCS=1</c> writes the table anew.</summary>
public sealed class DocsTests
{
    private const string Begin = "<!-- providers -->\n";
    private const string End = "<!-- end -->";

    private static readonly string Page = Path.Combine(Repository.Root, "docs/routing-policy.md");

    [Fact]
    public void The_table_of_providers_is_the_catalogues()
    {
        string page = File.ReadAllText(Page);
        int start = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        string expected = string.Concat(page.AsSpan(0, start), Table(), page.AsSpan(page.IndexOf(End, start, StringComparison.Ordinal)));
        if (Environment.GetEnvironmentVariable("CDN_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Page, expected);
            return;
        }

        Assert.Equal(expected, page);
    }

    [Fact]
    public void The_provider_of_the_page_is_valid()
    {
        string page = File.ReadAllText(Page);
        int start = page.IndexOf("providers:\n", StringComparison.Ordinal);
        string yaml = FoundingNetwork.Yaml + "\n" + page[start..page.IndexOf("```", start, StringComparison.Ordinal)];

        ConfigReadResult read = RoutingCheck.Read(yaml);

        Assert.True(read.Config is not null, ConfigErrorText.Format("docs", read.Errors));
        Assert.Equal("my-exchange", Assert.Single(read.Config.Providers).Id);
    }

    private static string Table()
    {
        var text = new StringBuilder("| `provider` | | AS | withdraw from a carrier | prepend to a carrier | no-export | ixp-only | as of | source |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (ProviderConfig provider in ProviderCatalogue.Shipped.All)
        {
            string prepend = string.Join(", ", provider.EachCarrier.Prepend.Select((templates, index) => $"{index + 1}: {Words(templates)}"));
            text.Append(
                CultureInfo.InvariantCulture,
                $"| `{provider.Id}` | {provider.Name} | {provider.Asn?.ToString(CultureInfo.InvariantCulture) ?? "several"} | {Words(provider.EachCarrier.Withdraw)} | {(prepend.Length == 0 ? "—" : prepend)} | {Words(provider.NoExport)} | {Words(provider.IxpOnly)} | {provider.Date:yyyy-MM-dd} | {provider.Source}{(provider.Note is null ? "" : $" ({provider.Note})")} |\n");
        }

        return text.ToString();
    }

    private static string Words(ImmutableArray<string> templates) => templates.IsEmpty ? "—" : string.Join(" or ", templates.Select(t => $"`{t}`"));
}
