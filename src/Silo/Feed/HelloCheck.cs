using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Silo.Feed;

/// <summary>What can be said about a hello without the config.</summary>
internal static class HelloCheck
{
    /// <summary>Ids of PoPs have up to 32 characters; names of edges and instances have room for a host name or a UUID.</summary>
    private const int MaxNameLength = 128;

    private const int MaxAddressLength = 512;

    /// <returns>Why the edge is refused and how to mend it; null when nothing speaks against it.</returns>
    public static string? Refuse(EdgeHello hello, PeerIdentity identity)
    {
        if (hello.Protocol != FeedProtocol.Version)
        {
            return $"this silo speaks feed protocol {FeedProtocol.Version}, the edge {hello.Protocol}: run edge and silo of one release";
        }

        if (!IsName(hello.Pop) || !IsName(hello.Edge) || !IsName(hello.Instance) || !IsName(hello.SoftwareVersion))
        {
            return $"pop, edge, instance and softwareVersion are 1 to {MaxNameLength} printable ASCII characters without spaces";
        }

        if (hello.ConfigEpoch is { Length: > MaxNameLength } || hello.Cursor.Epoch.Length > MaxNameLength || hello.ConfigVersion < 0 || hello.Cursor.Sequence < 0
            || hello.Dns is { Epoch.Length: > MaxNameLength } or { Revision: < 0 })
        {
            return "configEpoch, configVersion or cursor is out of range";
        }

        if (hello.Eligibility is < 0 or > Eligibility.MaxEpoch)
        {
            return $"eligibility is 0 to {Eligibility.MaxEpoch}";
        }

        if (!IsAddress(hello.Addresses.Http) || !IsAddress(hello.Addresses.Https) || !IsUrl(hello.Addresses.Peer) || !IsUrl(hello.Addresses.Admin))
        {
            return "addresses: http and https are host:port, peer and admin are http:// or https:// URLs";
        }

        return identity.Allows(hello.Pop, hello.Edge)
            ? null
            : $"the client certificate is not for '{hello.Pop}/{hello.Edge}': it names {identity}; give the edge its own certificate, or correct --pop and --edge";
    }

    /// <returns>Why the announcer is refused and how to mend it; null when nothing speaks against it.</returns>
    public static string? Refuse(AnnouncerHello hello, PeerIdentity identity)
    {
        if (hello.Protocol != AnnouncerProtocol.Version)
        {
            return $"this silo speaks announcer protocol {AnnouncerProtocol.Version}, the announcer {hello.Protocol}: run announcer and silo of one release";
        }

        if (!IsName(hello.Pop) || !IsName(hello.Edge) || !IsName(hello.Instance) || !IsName(hello.SoftwareVersion))
        {
            return $"pop, edge, instance and softwareVersion are 1 to {MaxNameLength} printable ASCII characters without spaces";
        }

        if (!IsUrl(hello.Admin))
        {
            return "admin is an http:// or https:// URL";
        }

        return identity.Allows(hello.Pop, hello.Edge)
            ? null
            : $"the client certificate is not for '{hello.Pop}/{hello.Edge}': it names {identity}; give the announcer the certificate of its server, or correct --pop and --edge";
    }

    /// <summary>Texts from outside that end up in logs.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= MaxNameLength && text.All(c => c is > ' ' and < '\x7f');

    public static bool IsUrl(string? text) =>
        text is null || (text.Length <= MaxAddressLength && Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is ("http" or "https"));

    private static bool IsAddress(string? text) =>
        text is null || (text.Length <= MaxAddressLength && text.All(c => c is > ' ' and < '\x7f'));
}
