namespace OrleansCdn.Contracts.Config;

/// <summary>Requests that are sent elsewhere without asking the cache or the origin.</summary>
public sealed record RedirectConfig
{
    /// <summary>Exact, or with one trailing <c>*</c>.</summary>
    public required string Path { get; init; }

    /// <summary>An http(s) URL or a path of the same host; with a trailing <c>*</c>, what <see cref="Path"/>'s stood for follows.</summary>
    public required string To { get; init; }

    /// <summary>301, 302, 307 or 308.</summary>
    public required int Status { get; init; }

    /// <summary>The request's query is appended.</summary>
    public required bool KeepQuery { get; init; }
}
