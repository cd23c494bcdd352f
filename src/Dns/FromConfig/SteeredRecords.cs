using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.FromConfig;

/// <summary>The records of a steered name that lead to each PoP: addresses of its servers, and how they speak HTTPS (RFC 9460).</summary>
public static class SteeredRecords
{
    /// <summary>Where HTTPS is expected without a port (RFC 9110 §4.2.2).</summary>
    private const int HttpsPort = 443;

    /// <param name="config">Whose PoPs these are.</param>
    /// <param name="host">The name's, absolute, without the dot at its end.</param>
    /// <param name="name">Its options.</param>
    /// <param name="ttl">Seconds.</param>
    /// <returns>By the PoP's place in the config.</returns>
    public static ImmutableArray<PopRecords> Of(CdnConfig config, string host, SteeredNameConfig name, uint ttl)
    {
        bool hasTls = SpeaksTls(config, host);
        return [.. config.Pops.Select(pop => Of(pop, hasTls, name, ttl))];
    }

    private static PopRecords Of(PopConfig pop, bool hasTls, SteeredNameConfig name, uint ttl)
    {
        EdgeConfig[] edges = [.. pop.Edges.Where(edge => edge.Http is not null || edge.Https is not null)];
        return new PopRecords(
            Addresses(edges, AddressFamily.InterNetwork, ttl),
            Addresses(edges, AddressFamily.InterNetworkV6, ttl) ?? (name.RandomId && pop.IdPrefix is IPNetwork prefix ? Unnumbered(prefix, ttl) : null),
            hasTls ? Https(edges, name, ttl) : null);
    }

    private static RrSet? Addresses(EdgeConfig[] edges, AddressFamily family, uint ttl)
    {
        byte[][] addresses = [.. Of(edges, family).Select(address => address.GetAddressBytes())];
        return addresses.Length == 0 ? null : RrSet.Of(family == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, ttl, addresses);
    }

    /// <summary>The first address of the prefix that is a host's, for answers that carry no number.</summary>
    private static RrSet Unnumbered(IPNetwork prefix, uint ttl)
    {
        byte[] address = prefix.BaseAddress.GetAddressBytes();
        address[^1] |= 1;
        return RrSet.Of(DnsType.Aaaa, ttl, address);
    }

    /// <summary>
    /// One record for each port that servers of the PoP have for TLS. A name with numbered addresses has no hints: who took one would come
    /// without a number.
    /// </summary>
    private static RrSet? Https(EdgeConfig[] edges, SteeredNameConfig name, uint ttl)
    {
        byte[][] records =
        [
            .. edges.Where(edge => edge.Https is not null && (edge.Addresses.Length > 0 || name.RandomId))
                .GroupBy(edge => edge.Https!.Port)
                .Select(at => HttpsRdata.Of(
                    at.Key == HttpsPort ? null : (ushort)at.Key,
                    name.RandomId ? [] : Of(at, AddressFamily.InterNetwork),
                    name.RandomId ? [] : Of(at, AddressFamily.InterNetworkV6))),
        ];
        return records.Length == 0 ? null : RrSet.Of(DnsType.Https, ttl, records);
    }

    private static IEnumerable<IPAddress> Of(IEnumerable<EdgeConfig> edges, AddressFamily family) =>
        edges.SelectMany(edge => edge.Addresses).Where(address => address.AddressFamily == family).Distinct();

    /// <summary>
    /// An HTTPS record moves browsers to TLS even for http:// (RFC 9460 §9.5), so it is said only where a certificate will be: the site of the
    /// name has one, or, for a name that sites' names are aliases of, every site has.
    /// </summary>
    private static bool SpeaksTls(CdnConfig config, string host)
    {
        SiteConfig? site = config.Sites.FirstOrDefault(site => site.Hosts.Contains(host));
        for (int dot = host.IndexOf('.', StringComparison.Ordinal); site is null && dot >= 0; dot = host.IndexOf('.', dot + 1))
        {
            string wildcard = $"*{host[dot..]}";
            site = config.Sites.FirstOrDefault(site => site.Hosts.Contains(wildcard));
        }

        return site is null ? config.Sites.All(each => each.Tls is not null) : site.Tls is not null;
    }
}
