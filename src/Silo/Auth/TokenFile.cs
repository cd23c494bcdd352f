using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansCdn.Silo.Auth;

/// <summary>The file <c>[{"name":"ops","sha256":"HEX","scopes":["admin"]}]</c>; see <see cref="PurgeGrantReader"/> for what else a row may have.</summary>
internal static class TokenFile
{
    /// <summary>Thousands of entries.</summary>
    private const int MaxBytes = 1024 * 1024;

    /// <returns>The tokens, or every mistake.</returns>
    public static (TokenStore? Store, ImmutableArray<string> Errors) Read(string path)
    {
        TokenRow[]? rows;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                return (null, [$"it is larger than {MaxBytes} bytes"]);
            }

            rows = JsonSerializer.Deserialize(File.ReadAllBytes(path), TokenFileJson.Default.TokenRowArray);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, [$"it cannot be read ({error.Message})"]);
        }
        catch (JsonException error)
        {
            return (null, [$"line {error.LineNumber + 1}: not JSON of the form [{{\"name\":\"ops\",\"sha256\":\"HEX\",\"scopes\":[\"admin\"]}}] ({error.Message})"]);
        }

        var errors = ImmutableArray.CreateBuilder<string>();
        var entries = ImmutableArray.CreateBuilder<TokenEntry>();
        foreach ((int index, TokenRow row) in (rows ?? []).Index())
        {
            if (Entry(row, $"entry {index + 1} ('{row.Name}')", errors) is { } entry)
            {
                entries.Add(entry);
            }
        }

        foreach (IGrouping<string, TokenEntry> twins in entries.GroupBy(e => e.Name).Where(g => g.Count() > 1))
        {
            errors.Add($"the name '{twins.Key}' is given {twins.Count()} times; names stand in the audit log and have to differ");
        }

        return errors.Count > 0 ? (null, errors.ToImmutable()) : (new TokenStore(entries.ToImmutable()), []);
    }

    /// <summary>Null: it is not one of the scopes.</summary>
    public static Scope? ParseScope(string text) => text switch
    {
        "admin" => Scope.Admin,
        "purge" => Scope.Purge,
        "read" => Scope.Read,
        "prewarm" => Scope.Prewarm,
        "route" => Scope.Route,
        "drain" => Scope.Drain,
        "dns" => Scope.Dns,
        _ => null,
    };

    private static TokenEntry? Entry(TokenRow row, string where, ImmutableArray<string>.Builder errors)
    {
        int before = errors.Count;
        if (row.Name.Length is 0 or > 64 || row.Name.Any(c => c is < ' ' or > '~'))
        {
            errors.Add($"{where}: 'name' has 1 to 64 printable ASCII characters");
        }

        byte[] hash = [];
        if (row.Sha256.Length == 2 * SHA256.HashSizeInBytes && row.Sha256.All(char.IsAsciiHexDigit))
        {
            hash = Convert.FromHexString(row.Sha256);
        }
        else
        {
            errors.Add($"{where}: 'sha256' is the token's SHA-256 as {2 * SHA256.HashSizeInBytes} hex digits, never the token itself");
        }

        Scope scopes = Scope.None;
        foreach (string text in row.Scopes)
        {
            if (ParseScope(text) is { } scope)
            {
                scopes |= scope;
            }
            else
            {
                errors.Add($"{where}: scope '{text}' is not known; allowed are admin, purge, prewarm, route, drain, dns and read");
            }
        }

        if (row.Scopes.Length == 0)
        {
            errors.Add($"{where}: 'scopes' is empty; allowed are admin, purge, prewarm, route, drain, dns and read");
        }

        PurgeGrant grant = PurgeGrantReader.Read(row, scopes, where, errors);
        return errors.Count > before ? null : new TokenEntry(row.Name, [.. hash], scopes) { Grant = grant };
    }
}

internal sealed record TokenRow
{
    public required string Name { get; init; }

    public required string Sha256 { get; init; }

    public required string[] Scopes { get; init; }

    /// <summary>Ids of the sites that it may purge; null: all.</summary>
    public string[]? Sites { get; init; }

    /// <summary>Kinds of purges: url, tag, prefix, host, site; null: all.</summary>
    public string[]? Kinds { get; init; }

    /// <summary>Values that it may purge in a minute; null: no limit of its own.</summary>
    public int? Rate { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(TokenRow[]))]
[JsonSerializable(typeof(TokenRow))]
internal sealed partial class TokenFileJson : JsonSerializerContext;
