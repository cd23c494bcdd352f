using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Dns;

/// <summary>A key that was just made, for use if one is needed.</summary>
/// <param name="PublicKey">Base64.</param>
/// <param name="PrivateKey">Base64.</param>
internal sealed record KeyMaterial(string PublicKey, string PrivateKey)
{
    public override string ToString() => "key material";
}

/// <summary>What happens to the keys of a zone.</summary>
internal abstract record ZoneKeysEvent;

/// <summary>Time has passed, edges have taken keys, the config may be another one.</summary>
internal sealed record Ticked(ZoneKeysSync Sync, Func<KeyMaterial> Make) : ZoneKeysEvent;

/// <summary>An operator asks for something.</summary>
internal sealed record Ordered(DnsKeyOrder Order, Func<KeyMaterial> Make) : ZoneKeysEvent;

/// <param name="Row">The row after it; the same as before where nothing changes.</param>
/// <param name="Error">With <see cref="DnsKeyVerdict.Refused"/>.</param>
internal readonly record struct ZoneKeysStep(DnsKeyVerdict Verdict, ZoneKeysRow Row, string? Error = null);
