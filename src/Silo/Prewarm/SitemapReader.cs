using System.Xml;

namespace OrleansCdn.Silo.Prewarm;

/// <summary>What a sitemap says (sitemaps.org, protocol 0.9).</summary>
/// <param name="IsIndex">The locations are other sitemaps.</param>
/// <param name="Locations">Texts of <c>loc</c>, as they stand there.</param>
/// <param name="Error">What is wrong; null: nothing.</param>
internal sealed record Sitemap(bool IsIndex, IReadOnlyList<string> Locations, string? Error)
{
    public static Sitemap Of(string error) => new(false, [], error);
}

/// <summary>Reads XML that anybody may have written: no DTD, no entities but XML's own, nothing that is resolved, everything bounded.</summary>
internal static class SitemapReader
{
    /// <summary>A location of 8 KiB with all its characters escaped.</summary>
    private const int MaxLocationChars = 64 * 1024;

    /// <summary>urlset or sitemapindex, url or sitemap, loc, and what extensions put there.</summary>
    private const int MaxDepth = 16;

    /// <param name="stream">XML; it is read as far as <paramref name="maxLocations"/> go.</param>
    /// <param name="maxLocations">One more is an error.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<Sitemap> ReadAsync(Stream stream, int maxLocations, CancellationToken cancellationToken)
    {
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            // The stream is bounded already; this bounds what entities could make of it.
            MaxCharactersFromEntities = MaxLocationChars,
            CloseInput = false,
        };
        var locations = new List<string>();
        string root = "";
        try
        {
            using XmlReader reader = XmlReader.Create(stream, settings);
            while (await reader.ReadAsync().WaitAsync(cancellationToken))
            {
                if (reader.Depth > MaxDepth)
                {
                    return Sitemap.Of("it is nested deeper than sitemaps are");
                }

                if (reader.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                if (reader.Depth == 0)
                {
                    root = reader.LocalName;
                    if (root is not ("urlset" or "sitemapindex"))
                    {
                        return Sitemap.Of("its root is neither urlset nor sitemapindex");
                    }
                }

                // An image's or a video's own loc is deeper, and not a page.
                if (reader is { Depth: 2, LocalName: "loc" })
                {
                    string location = (await reader.ReadElementContentAsStringAsync().WaitAsync(cancellationToken)).Trim();
                    if (location.Length > MaxLocationChars || locations.Count == maxLocations)
                    {
                        return Sitemap.Of(locations.Count == maxLocations ? $"it has more than {maxLocations} URLs" : "a location is too long");
                    }

                    locations.Add(location);
                }
            }
        }
        catch (XmlException error)
        {
            return Sitemap.Of($"line {error.LineNumber}: not the XML of a sitemap");
        }

        return new Sitemap(root == "sitemapindex", locations, null);
    }
}
