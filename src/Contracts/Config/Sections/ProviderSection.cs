using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>A provider's community catalogue: under <c>providers</c> in the config, or a file of its own.</summary>
internal static class ProviderSection
{
    /// <summary>Some lines of explanation; errors repeat them.</summary>
    private const int MaxNote = 500;

    /// <summary>What browsers and servers take for an URL, roughly, and more than any published one has.</summary>
    private const int MaxSource = 500;

    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", Tokens.Title, "What people call it.");

    public static readonly ScalarKey<uint> Asn = ScalarKey<uint>.Optional(
        "asn", Numbers.Asn, "several networks", "Its own AS number, as it stands in paths.");

    public static readonly ScalarKey<string> Source = ScalarKey<string>.Must(
        "source", CommunityTexts.Line(MaxSource), "Where this is published, or who said so.");

    public static readonly ScalarKey<DateOnly> Date = ScalarKey<DateOnly>.Must("date", CommunityTexts.Date, "When that was looked at.");

    public static readonly ScalarKey<string> Note = ScalarKey<string>.Optional(
        "note", CommunityTexts.Line(MaxNote), "none", "For people; errors about what the provider cannot do repeat it.");

    public static readonly ListKey<string> NoExport = TemplateKeys.Of("no-export", CommunityTexts.CarrierlessTemplate, "The provider keeps the route to itself.");

    public static readonly ListKey<string> IxpOnly = TemplateKeys.Of(
        "ixp-only", CommunityTexts.CarrierlessTemplate, "The provider passes the route on at internet exchanges alone.");

    public static readonly SectionKey EachCarrier = new(
        "each-carrier", ProviderCarriersSection.Table, "cannot be said", "How it is told what a carrier is to see, for those without an entry in `carriers`.");

    public static readonly SectionMapKey Carriers = new(
        "carriers", CommunityTexts.AsnText, ProviderCarrierSection.Table, 0, ConfigLimits.CarriersPerUpstream,
        "Carriers with communities of their own, by AS number; in place of `each-carrier`.");

    public static readonly SectionListKey Known = new(
        "known", KnownCommunitySection.Table, 0, ConfigLimits.KnownPerProvider, "What other communities of the provider mean; `cdn route explain` shows it.");

    public static readonly KeyTable Table = new("providers.ID", [Name, Asn, Source, Date, Note, NoExport, IxpOnly, EachCarrier, Carriers, Known]);

    public static ProviderConfig Bind(string id, MapReader keys)
    {
        Found<uint> asn = keys.Read(Asn);
        Found<string> note = keys.Read(Note);
        return new ProviderConfig
        {
            Id = id,
            Name = keys.Read(Name).Value,
            Asn = asn.Given ? asn.Value : null,
            Source = keys.Read(Source).Value,
            Date = keys.Read(Date).Value,
            Note = note.Given ? note.Value : null,
            NoExport = TemplateKeys.Values(keys.Read(NoExport)),
            IxpOnly = TemplateKeys.Values(keys.Read(IxpOnly)),
            EachCarrier = keys.Section(EachCarrier) is MapReader each ? ProviderCarriersSection.Each.Bind(each) : new ProviderCarriersConfig(),
            Carriers =
            [
                .. keys.Sections(Carriers).Select(carrier => new ProviderCarrierConfig(
                    uint.TryParse(carrier.Id, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : 0,
                    ProviderCarrierSection.Bind(carrier.Section))),
            ],
            Known = [.. keys.Sections(Known).Select(KnownCommunitySection.Bind)],
        };
    }
}
