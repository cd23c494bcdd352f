using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Origin;

/// <summary>An origin whose addresses the site may not use.</summary>
public sealed class AddressNotAllowedException(string host, IPAddress address)
    : IOException($"'{host}' resolves to {address}, which is not a public address; set allow-private on the origin if that is meant");

/// <summary>
/// Opens TCP connections to origins: resolves, checks each address, tries one after the other. The check keeps a tenant
/// from reaching the operator's own network through the cache (server-side request forgery), also by a name that resolves there.
/// </summary>
public static class OriginConnector
{
    public static async ValueTask<Stream> ConnectAsync(string host, int port, bool allowPrivate, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);

        Exception? last = null;
        foreach (IPAddress address in addresses)
        {
            if (!allowPrivate && SpecialPurposeAddresses.Contains(address))
            {
                last ??= new AddressNotAllowedException(host, address);
                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException error)
            {
                socket.Dispose();
                last = error;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }
}
