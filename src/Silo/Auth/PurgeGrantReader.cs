using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Auth;

/// <summary>The part of a token's row that narrows what it may purge: <c>"sites":["www"],"kinds":["url","tag"],"rate":600</c>.</summary>
internal static class PurgeGrantReader
{
    /// <summary>Far above what a silo can write; a larger number is a mistake.</summary>
    private const int MaxRate = 10_000_000;

    private const string Kinds = "url, tag, prefix, host and site";

    /// <summary>Adds every mistake to <paramref name="errors"/>.</summary>
    public static PurgeGrant Read(TokenRow row, Scope scopes, string where, ImmutableArray<string>.Builder errors)
    {
        if (row is { Sites: null, Kinds: null, Rate: null })
        {
            return PurgeGrant.Everything;
        }

        if (scopes.HasFlag(Scope.Admin) || !(scopes.HasFlag(Scope.Purge) || (scopes.HasFlag(Scope.Prewarm) && row is { Kinds: null, Rate: null })))
        {
            errors.Add($"{where}: 'sites', 'kinds' and 'rate' narrow the scope purge; {(scopes.HasFlag(Scope.Admin) ? "with the scope admin a token may do everything" : "this token does not have it")}");
        }

        if (row.Sites is { } sites && (sites.Length == 0 || sites.Any(string.IsNullOrEmpty)))
        {
            errors.Add($"{where}: 'sites' lists ids of sites, at least one; leave it out for all");
        }

        if (row.Kinds is { Length: 0 })
        {
            errors.Add($"{where}: 'kinds' is empty; allowed are {Kinds}; leave it out for all");
        }

        var kinds = ImmutableArray.CreateBuilder<PurgeKind>();
        foreach (string? text in row.Kinds ?? [])
        {
            if (Kind(text) is { } kind)
            {
                kinds.Add(kind);
            }
            else
            {
                errors.Add($"{where}: kind '{text}' is not known; allowed are {Kinds}");
            }
        }

        if (row.Rate is < 1 or > MaxRate)
        {
            errors.Add($"{where}: 'rate' is {row.Rate}; it is the number of values that may be purged in a minute, 1 to {MaxRate}");
        }

        return new PurgeGrant(row.Sites is { } ids ? [.. ids] : null, row.Kinds is null ? null : kinds.ToImmutable(), row.Rate);
    }

    private static PurgeKind? Kind(string? text) => text switch
    {
        "url" => PurgeKind.Url,
        "tag" => PurgeKind.Tag,
        "prefix" => PurgeKind.Prefix,
        "host" => PurgeKind.Host,
        "site" => PurgeKind.Site,
        _ => null,
    };
}
