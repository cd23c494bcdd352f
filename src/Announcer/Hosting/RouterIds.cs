using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace OrleansCdn.Announcer.Hosting;

/// <summary>The BGP Identifier of a server that was given none: the same after each start, and never 0 (RFC 6286 §2.1).</summary>
internal static class RouterIds
{
    /// <param name="pop">With <paramref name="edge"/>, what is hashed where there is no address.</param>
    /// <param name="edge">This server.</param>
    /// <param name="sources">Addresses that sessions come from.</param>
    /// <param name="host">Addresses of the server that are its own, in any order.</param>
    public static uint Of(string pop, string edge, ImmutableArray<IPAddress> sources, IEnumerable<IPAddress> host)
    {
        // The order of interfaces may be another after a boot; that of addresses is not.
        IPAddress? address = sources.Concat(host.OrderBy(Of)).FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a) && Of(a) != 0);
        return address is not null ? Of(address) : Hash($"{pop}/{edge}");
    }

    public static uint Of(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) : 0;

    /// <summary>
    /// Not those of loopback interfaces, nor single addresses: the one that is announced stands there on every server, and two speakers with
    /// one identifier look like one to a router that both connect to.
    /// </summary>
    public static IEnumerable<IPAddress> OfThisHost() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Where(unicast => unicast.PrefixLength < 32)
            .Select(unicast => unicast.Address);

    private static uint Hash(string name)
    {
        uint id = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return id == 0 ? 1 : id;
    }
}
