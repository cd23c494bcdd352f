using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Dns.Server;

namespace OrleansCdn.Edge.Dns.Visits;

[JsonConverter(typeof(JsonStringEnumConverter<VisitOutcome>))]
internal enum VisitOutcome
{
    Found,

    /// <summary>The answer was given longer ago than is remembered.</summary>
    TooOld,

    /// <summary>No nameserver that could be asked remembers an answer with this id.</summary>
    Unknown,

    /// <summary>The visitor came to an address that has no id in it.</summary>
    NotNumbered,

    /// <summary>Too many unknown ids are being asked for at the moment.</summary>
    Busy,
}

/// <summary>What the visitor is told.</summary>
internal sealed record VisitPageReply
{
    public required VisitOutcome Outcome { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Detail { get; init; }

    /// <summary>The visitor's own address, as this edge sees it; null: not known.</summary>
    public string? Client { get; init; }

    /// <summary>The address that the visitor came to.</summary>
    public string? Address { get; init; }

    /// <summary>Who answers this request: <c>pop/edge</c>.</summary>
    public required string Edge { get; init; }

    /// <summary>With <see cref="VisitOutcome.Found"/>.</summary>
    public VisitReply? Visit { get; init; }
}

/// <summary>One remembered answer.</summary>
internal sealed record VisitReply
{
    /// <summary>Eight hexadecimal digits: the low 32 bits of the address.</summary>
    public required string Id { get; init; }

    /// <summary>The name that was asked for.</summary>
    public required string Name { get; init; }

    public required DateTimeOffset When { get; init; }

    public required double AgeSeconds { get; init; }

    /// <summary>Who gave the answer: <c>pop/edge</c>.</summary>
    public required string Nameserver { get; init; }

    public required VisitSource Resolver { get; init; }

    /// <summary>Null: the resolver sent none.</summary>
    public VisitSource? ClientSubnet { get; init; }

    /// <summary>What the choice was made by.</summary>
    public required string Rule { get; init; }

    /// <summary>Id of the PoP that the answer named.</summary>
    public required string Pop { get; init; }

    public static VisitReply Of(uint id, in Visit visit, string nameserver, DateTimeOffset now)
    {
        VisitFacts facts = visit.Facts;
        return new VisitReply
        {
            Id = id.ToString("x8", CultureInfo.InvariantCulture),
            Name = facts.Name,
            When = now - visit.Age,
            AgeSeconds = Math.Round(visit.Age.TotalSeconds, 3),
            Nameserver = nameserver,
            Resolver = VisitSource.Of(MappedAddress.ToAddress(facts.Resolver).ToString(), facts.ResolverPlace),
            ClientSubnet = facts.SubnetBits < 0 ? null : VisitSource.Of($"{MappedAddress.ToAddress(facts.Subnet)}/{facts.SubnetBits}", facts.SubnetPlace),
            Rule = facts.Rule,
            Pop = facts.Pop,
        };
    }
}

/// <param name="Address">Of a resolver, or <c>address/bits</c> of a client's network.</param>
/// <param name="Continent">Two letters; null, as all that follows: the databases do not know.</param>
/// <param name="Country">ISO 3166 alpha-2.</param>
/// <param name="RegisteredCountry">Of the network's holder.</param>
internal sealed record VisitSource(string Address, string? Continent = null, string? Country = null, string? RegisteredCountry = null, uint? Asn = null)
{
    public static VisitSource Of(string address, in VisitPlace place) =>
        new(address, place.Continent, place.Country, place.RegisteredCountry, place.Asn == 0 ? null : place.Asn);
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(VisitPageReply))]
[JsonSerializable(typeof(VisitReply))]
internal sealed partial class VisitJson : JsonSerializerContext;
