namespace Orleans.Runtime;

/// <summary>A grain's identity; its text is the grain type, a slash, and the key.</summary>
public readonly struct GrainId : IEquatable<GrainId>
{
    internal GrainId(string type, string key)
    {
        Type = type;
        Key = key;
    }

    internal string Type { get; }

    internal string Key { get; }

    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);

    public bool Equals(GrainId other) => Key == other.Key && Type == other.Type;

    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Type, Key);

    public override string ToString() => $"{Type}/{Key}";
}
