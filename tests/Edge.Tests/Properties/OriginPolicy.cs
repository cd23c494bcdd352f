namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>What a scripted origin says about one resource; what it means is written down in <see cref="Rules"/>, apart from the code under test.</summary>
internal sealed record OriginPolicy
{
    public int Status { get; init; } = 200;

    public int? MaxAge { get; init; }

    public int? SharedMaxAge { get; init; }

    public int? StaleWhileRevalidate { get; init; }

    public int? StaleIfError { get; init; }

    /// <summary>Seconds that the content is old already when it leaves the origin; null: the origin does not say.</summary>
    public int? Age { get; init; }

    public bool NoStore { get; init; }

    public bool NoCache { get; init; }

    public bool Private { get; init; }

    public bool Public { get; init; }

    public bool MustRevalidate { get; init; }

    public bool SetCookie { get; init; }

    public bool VaryLanguage { get; init; }

    public bool VaryEncoding { get; init; }

    public bool VaryAny { get; init; }

    public bool HasTag { get; init; } = true;

    public string[] Tags { get; init; } = [];

    public int Length { get; init; } = 100;

    public bool HasLength { get; init; } = true;

    /// <summary>The body breaks off half-way.</summary>
    public bool Truncated { get; init; }

    /// <summary>Any condition is answered with 304, with the entity tag of what the resource is now.</summary>
    public bool ConfirmsAnything { get; init; }

    public static OriginPolicy Draw(Random random)
    {
        bool Rarely() => random.Next(25) == 0;
        bool Sometimes() => random.Next(4) == 0;
        int[] lifetimes = [0, 1, 5, 30, 100];
        return new OriginPolicy
        {
            Status = random.Next(20) switch { 0 => 404, 1 => 302, 2 => 500, 3 => 503, _ => 200 },
            MaxAge = random.Next(8) == 0 ? null : lifetimes[random.Next(lifetimes.Length)],
            SharedMaxAge = Rarely() ? lifetimes[random.Next(lifetimes.Length)] : null,
            StaleWhileRevalidate = Sometimes() ? random.Next(1, 60) : null,
            StaleIfError = Sometimes() ? random.Next(0, 90) : null,
            Age = Sometimes() ? random.Next(0, 40) : null,
            NoStore = Rarely(),
            NoCache = Rarely(),
            Private = Rarely(),
            Public = Sometimes(),
            MustRevalidate = Rarely(),
            SetCookie = Rarely(),
            VaryLanguage = Sometimes(),
            VaryEncoding = Sometimes(),
            VaryAny = random.Next(25) == 0,
            HasTag = !Sometimes(),
            Tags = [.. new[] { "red", "blue", "green" }.Where(_ => random.Next(3) == 0)],
            Length = random.Next(30) == 0 ? 100_000 : random.Next(20, 3000),
            HasLength = !Sometimes(),
            Truncated = Rarely(),
            ConfirmsAnything = Rarely(),
        };
    }

    /// <summary>The value of <c>Cache-Control</c>; empty: the field is left out.</summary>
    public string CacheControl()
    {
        var parts = new List<string>();
        void Add(bool is_, string text)
        {
            if (is_)
            {
                parts.Add(text);
            }
        }

        Add(MaxAge is not null, $"max-age={MaxAge}");
        Add(SharedMaxAge is not null, $"s-maxage={SharedMaxAge}");
        Add(StaleWhileRevalidate is not null, $"stale-while-revalidate={StaleWhileRevalidate}");
        Add(StaleIfError is not null, $"stale-if-error={StaleIfError}");
        Add(NoStore, "no-store");
        Add(NoCache, "no-cache");
        Add(Private, "private");
        Add(Public, "public");
        Add(MustRevalidate, "must-revalidate");
        return string.Join(", ", parts);
    }

    public override string ToString() =>
        $"{Status} '{CacheControl()}' vary='{Vary()}'{(HasTag ? " etag" : "")}{(SetCookie ? " cookie" : "")} tags={string.Join('+', Tags)} {Length}{(HasLength ? "" : " chunked")}{(Truncated ? " truncated" : "")}{(Age is null ? "" : $" age={Age}")}{(ConfirmsAnything ? " confirms-anything" : "")}";

    public string Vary() => VaryAny ? "*" : (VaryLanguage, VaryEncoding) switch
    {
        (true, true) => "Accept-Language, Accept-Encoding",
        (true, false) => "Accept-Language",
        (false, true) => "Accept-Encoding",
        _ => "",
    };
}
