using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Internet.Graph;

/// <summary>The keys of a graph that people write (docs/internet.md).</summary>
internal static class GraphSections
{
    /// <summary>Some lines of where it is from.</summary>
    private const int MaxSource = 500;

    public static class OfPlace
    {
        public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", Tokens.Title, "What people call the town.");

        public static readonly ScalarKey<string> Region = ScalarKey<string>.Must("region", Tokens.Title, "For tables: Europe, North America.");

        public static readonly ScalarKey<double> Latitude = ScalarKey<double>.Must("latitude", Numbers.Degrees(90), "Degrees north; south is negative.");

        public static readonly ScalarKey<double> Longitude = ScalarKey<double>.Must("longitude", Numbers.Degrees(180), "Degrees east; west is negative.");

        public static readonly KeyTable Table = new("places.ID", [Name, Region, Latitude, Longitude]);
    }

    public static class OfNetwork
    {
        public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", Tokens.Title, "What people call the network.");

        public static readonly ScalarKey<bool> Vantage = ScalarKey<bool>.May("vantage", Numbers.Flag, false, "True: visitors are behind it, and it stands in tables.");

        public static readonly ListKey<string> At = new("at", Tokens.Id, 1, GraphLimits.Places, "The places where it meets others.");

        public static readonly ListKey<uint> Providers = Asns("providers", "Networks that it is a customer of.");

        public static readonly ListKey<uint> Peers = Asns("peers", "Networks that it exchanges its customers' routes with; each pair stands at one of the two.");

        public static readonly ListKey<uint> ExchangePeers = Asns("exchange-peers", "Peers that it meets at internet exchanges.");

        public static readonly KeyTable Table = new("networks.ASN", [Name, Vantage, At, Providers, Peers, ExchangePeers]);

        private static ListKey<uint> Asns(string name, string meaning) => new(name, Numbers.Asn, 0, GraphLimits.WrittenNeighbors, meaning);
    }

    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", Tokens.Title, "What people call the graph.");

    public static readonly ScalarKey<string> Source = ScalarKey<string>.Must("source", CommunityTexts.Line(MaxSource), "Where it is from.");

    public static readonly SectionMapKey Places = new("places", Tokens.Id, OfPlace.Table, 1, GraphLimits.Places, "Towns where networks meet.");

    public static readonly SectionMapKey Networks = new(
        "networks", CommunityTexts.AsnText, OfNetwork.Table, 1, GraphLimits.WrittenNetworks, "Networks by AS number.");

    public static readonly KeyTable Table = new("the graph", [Name, Source, Places, Networks]);
}
