using System.Collections.Immutable;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Auth;

/// <summary>What of purging a token with the scope for it may do.</summary>
/// <param name="Sites">Ids; null: every site.</param>
/// <param name="Kinds">Null: every kind.</param>
/// <param name="Rate">Values in a minute; null: no limit of its own.</param>
internal sealed record PurgeGrant(ImmutableArray<string>? Sites, ImmutableArray<PurgeKind>? Kinds, int? Rate)
{
    public static readonly PurgeGrant Everything = new(null, null, null);

    public bool AllowsSite(string site) => Sites is not { } sites || sites.Contains(site, StringComparer.Ordinal);

    public bool Allows(string site, PurgeKind kind) => AllowsSite(site) && (Kinds is not { } kinds || kinds.Contains(kind));

    /// <summary>For a refusal: what may be done instead.</summary>
    public override string ToString() =>
        $"{(Sites is { } sites ? "the sites " + QuotedNames.Of(sites) : "every site")}"
        + $" by {(Kinds is { } kinds ? string.Join(", ", kinds.Select(k => k.ToString().ToLowerInvariant())) : "every kind")}"
        + (Rate is { } rate ? $", {rate} values a minute" : "");
}
