using System.Collections.Immutable;

namespace OrleansCdn.Grains.Dns;

/// <summary>All that the desk remembers: under which number what was given out, and the secrets of cookies. Keys are in their zones' rows. Immutable.</summary>
internal sealed record DnsDeskRow
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Random; empty: never written.</summary>
    public string Epoch { get; init; } = "";

    /// <summary>The last that was given out; counts up for ever.</summary>
    public long Revision { get; init; }

    /// <summary>Zones with keys, by name.</summary>
    public ImmutableArray<ComposedZone> Zones { get; init; } = [];

    public CookieRow Cookies { get; init; } = new();
}

/// <param name="Zone">Its name.</param>
/// <param name="Revision">Of its keys.</param>
/// <param name="Since">The desk's revision that had it first.</param>
internal sealed record ComposedZone(string Zone, long Revision, long Since);
