using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Tests.Running;

/// <summary>Desired states, and directories to keep them in.</summary>
internal static class Sample
{
    public const uint Asn = 201726;
    public const uint PeerAsn = 64515;

    public static readonly IPNetwork Ipv4Prefix = IPNetwork.Parse("192.0.2.0/24");
    public static readonly IPNetwork Ipv6Prefix = IPNetwork.Parse("2a0f:b240:1000::/48");

    public static DesiredAnnouncements Desired(params ImmutableArray<DesiredUpstream> upstreams) => new()
    {
        Epoch = "e1",
        ConfigVersion = 1,
        Asn = Asn,
        AllowedPrefixes = [Ipv4Prefix, Ipv6Prefix],
        Upstreams = upstreams,
    };

    public static DesiredUpstream Upstream(string id, EndPoint neighbor, long revision = 1, params ImmutableArray<DesiredRoute> routes) => new()
    {
        Id = id, Kind = UpstreamKind.Transit, Asn = PeerAsn, Revision = revision, Sessions = [Session(neighbor)], Routes = routes,
    };

    public static DesiredSession Session(EndPoint neighbor, double holdSeconds = 90) => new()
    {
        Neighbor = (IPEndPoint)neighbor, Ipv4 = true, Ipv6 = true, HoldTime = TimeSpan.FromSeconds(holdSeconds), Hops = 1, TtlSecurity = false,
    };

    public static DesiredRoute Route(IPNetwork prefix, int prepend = 0, params string[] communities) =>
        new() { Prefix = prefix, Prepend = prepend, Communities = [.. communities.Select(Community.Parse)] };

    public static void Write(string file, DesiredAnnouncements desired)
    {
        File.WriteAllBytes(file + ".new", JsonSerializer.SerializeToUtf8Bytes(desired, DesiredFileJson.Default.DesiredAnnouncements));
        File.Move(file + ".new", file, overwrite: true);
    }
}

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("announcer-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
