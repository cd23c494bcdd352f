using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Edge.Dns.Visits;

namespace OrleansCdn.Edge.Dns;

/// <summary>Addresses of a PoP's prefix with the number of a remembered answer in their low 32 bits.</summary>
/// <param name="host">Absolute, without the dot at its end; of a wildcard <c>*.</c> and the rest.</param>
/// <param name="pops">Of the config, by their places.</param>
internal sealed class NumberedAddresses(
    string host, ImmutableArray<PopConfig> pops, Func<GeoDatabases> databases, VisitTable visits, ExplainBudget budget) : VisitAddresses
{
    private const int NumberBytes = sizeof(uint);

    private readonly bool _isWildcard = host.StartsWith('*');

    public override bool TryIssue(in SteeredQuestion question, Span<byte> address)
    {
        if (question.Pop < 0 || pops[question.Pop].IdPrefix is not IPNetwork prefix || !budget.TryTake())
        {
            return false;
        }

        GeoDatabases known = databases();
        GeoRecord? subnet = QuestionPlaces.OfSubnet(known, question);
        uint id = visits.Issue(new VisitFacts
        {
            Name = _isWildcard ? NameText.Of(question.Name).TrimEnd('.') : host,
            Resolver = question.Source.Address,
            ResolverPlace = QuestionPlaces.ToVisit(QuestionPlaces.OfResolver(known, question)),
            Subnet = question.Subnet is { } given ? QuestionPlaces.Mapped(given.IsIpv4, given.Address) : 0,
            SubnetBits = question.Subnet?.SourceBits ?? -1,
            SubnetPlace = subnet is { } place ? QuestionPlaces.ToVisit(place) : default,
            Rule = question.Data.Steering?.Explain(question.IsIpv4, question.Address, question.Bits).Rule ?? ChoiceTexts.WithoutTable,
            Pop = pops[question.Pop].Id,
        });
        prefix.BaseAddress.TryWriteBytes(address, out _);
        BinaryPrimitives.WriteUInt32BigEndian(address[^NumberBytes..], id);
        return true;
    }
}
