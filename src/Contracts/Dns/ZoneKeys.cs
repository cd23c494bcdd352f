using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Dns;

/// <summary>What the parent is asked to have as DS records of a zone (RFC 7344, RFC 8078).</summary>
public enum CdsForm
{
    /// <summary>Nothing is asked: CDS and CDNSKEY are not there.</summary>
    None,

    /// <summary>DS records of the keys with <see cref="ZoneKey.IsAskedFor"/>.</summary>
    Keys,

    /// <summary>No DS record any more (RFC 8078 §4).</summary>
    Delete,
}

/// <summary>The keys of a zone as edges publish them and sign with them, now. A key that has no part in that is not in it.</summary>
public sealed record ZoneKeys
{
    /// <summary>Lower case, without the dot at its end.</summary>
    public required string Zone { get; init; }

    public required ImmutableArray<ZoneKey> Keys { get; init; }

    public CdsForm Cds { get; init; }
}

/// <summary>A key of ECDSA P-256 (algorithm 13, RFC 6605), as an edge needs it.</summary>
public sealed record ZoneKey
{
    /// <summary>RFC 4034 §2.1.1: 257 with the secure entry point bit, else 256.</summary>
    public required ushort Flags { get; init; }

    /// <summary>The point's two coordinates (RFC 6605 §4), 64 bytes in base64.</summary>
    public required string PublicKey { get; init; }

    /// <summary>The secret number, 32 bytes in base64.</summary>
    public required string PrivateKey { get; init; }

    /// <summary>Signs the DNSKEY, CDS and CDNSKEY records.</summary>
    public bool SignsKeys { get; init; }

    /// <summary>Signs all other records.</summary>
    public bool SignsZone { get; init; }

    /// <summary>CDS and CDNSKEY name it.</summary>
    public bool IsAskedFor { get; init; }

    /// <summary>Without the secret: records end up in logs.</summary>
    public override string ToString() => $"key {Dnskey.Tag(Flags, Convert.FromBase64String(PublicKey))} (flags {Flags})";
}
