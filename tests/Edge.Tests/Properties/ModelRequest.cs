namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>What a resource is known by.</summary>
internal readonly record struct ModelKey(string Site, string Scheme, string Host, string Target)
{
    public string Url => $"{Scheme}://{Host}{Target}";

    public override string ToString() => Url;
}

/// <summary>A visitor's request.</summary>
internal sealed record ModelRequest
{
    public required ModelKey Key { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>Null: no such field.</summary>
    public string? Language { get; init; }

    public string? Encoding { get; init; }

    public bool Authorization { get; init; }

    public string? CacheControl { get; init; }

    public string? IfNoneMatch { get; init; }

    public bool NoStore => CacheControl == "no-store";

    /// <summary>The codings that are accepted, in the order in which the edge forwards them.</summary>
    public string Codings => string.Join(", ", new[] { "br", "gzip" }.Where(coding => (Encoding ?? "").Split(',').Any(member =>
        member.Split(';')[0].Trim().Equals(coding, StringComparison.OrdinalIgnoreCase) && !member.Contains("q=0", StringComparison.Ordinal))));

    public override string ToString() => $"{Method} {Key} l={Language} e={Encoding}{(Authorization ? " auth" : "")} cc={CacheControl} inm={IfNoneMatch}";

    public static ModelRequest Draw(Random random, ModelKey key, IReadOnlyList<string> knownTags)
    {
        string?[] languages = [null, null, null, "en", "pl"];
        string?[] encodings = [null, null, null, "gzip", "GZIP, br", "br, gzip;q=0", "identity"];
        string?[] controls = ["no-cache", "no-store", "max-age=0", "only-if-cached"];
        return new ModelRequest
        {
            Key = key,
            Method = random.Next(40) switch { 0 => "POST", 1 or 2 => "HEAD", _ => "GET" },
            Language = languages[random.Next(languages.Length)],
            Encoding = encodings[random.Next(encodings.Length)],
            Authorization = random.Next(10) == 0,
            CacheControl = random.Next(40) == 0 ? controls[random.Next(controls.Length)] : null,
            IfNoneMatch = knownTags.Count > 0 && random.Next(8) == 0 ? knownTags[random.Next(knownTags.Count)] : null,
        };
    }
}
