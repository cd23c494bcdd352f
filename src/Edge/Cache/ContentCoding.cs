namespace OrleansCdn.Edge.Cache;

/// <summary>Content codings that this edge makes (RFC 9110 §8.4.1).</summary>
public enum ContentCoding
{
    Identity,
    Gzip,
    Brotli,
}

/// <summary>A stored response's body in other codings, beside the one that came; immutable.</summary>
public sealed record CodedBodies(CachedBody? Gzip, CachedBody? Brotli)
{
    public static readonly CodedBodies None = new(null, null);

    public CachedBody? this[ContentCoding coding] => coding switch
    {
        ContentCoding.Gzip => Gzip,
        ContentCoding.Brotli => Brotli,
        _ => null,
    };

    public long Allocated => (Gzip?.Allocated ?? 0) + (Brotli?.Allocated ?? 0);

    public CodedBodies With(ContentCoding coding, CachedBody body) =>
        coding == ContentCoding.Gzip ? this with { Gzip = body } : this with { Brotli = body };
}
