namespace OrleansCdn.Dns.Geo.Mmdb;

/// <summary>A value to be written. Equal ones are written once.</summary>
public abstract record MmdbValue
{
    private MmdbValue()
    {
    }

    public static implicit operator MmdbValue(string text) => new Text(text);

    public static implicit operator MmdbValue(uint number) => new Number(number);

    public static implicit operator MmdbValue(double real) => new Real(real);

    public sealed record Text(string Value) : MmdbValue;

    public sealed record Number(uint Value) : MmdbValue;

    public sealed record Real(double Value) : MmdbValue;

    public sealed record Map : MmdbValue
    {
        public Map(params ReadOnlySpan<(string Key, MmdbValue Value)> entries) => Entries = entries.ToArray();

        public (string Key, MmdbValue Value)[] Entries { get; }

        public bool Equals(Map? other) => other is not null && Entries.AsSpan().SequenceEqual(other.Entries);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach ((string, MmdbValue) entry in Entries)
            {
                hash.Add(entry);
            }

            return hash.ToHashCode();
        }
    }
}
