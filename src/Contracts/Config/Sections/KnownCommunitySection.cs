using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class KnownCommunitySection
{
    /// <summary>One line of a table.</summary>
    private const int MaxMeaning = 120;

    public static readonly ScalarKey<Community> Community = ScalarKey<Community>.Must("community", CommunityTexts.Community, "The community.");

    public static readonly ScalarKey<string> Meaning = ScalarKey<string>.Must("meaning", CommunityTexts.Line(MaxMeaning), "What the provider does with the route.");

    public static readonly KeyTable Table = new("providers.ID.known[]", [Community, Meaning]);

    public static KnownCommunityConfig Bind(MapReader keys) => new(keys.Read(Community).Value, keys.Read(Meaning).Value);
}
