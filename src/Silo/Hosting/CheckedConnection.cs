using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Silo.Hosting;

/// <summary>A name that leads to no address that may be used.</summary>
internal sealed class AddressNotAllowedException(string host, IPAddress address) : IOException($"'{host}' has no address that may be used: {address}")
{
    public string Host { get; } = host;

    public IPAddress Address { get; } = address;
}

/// <summary>
/// Connects to what a config names, and to no address that it may not use: what is checked is what is connected to, so that a name that
/// leads elsewhere the next moment changes nothing (server-side request forgery).
/// </summary>
internal static class CheckedConnection
{
    /// <exception cref="AddressNotAllowedException">None of its addresses is allowed.</exception>
    /// <exception cref="SocketException">None could be reached, or there is no such name.</exception>
    public static async ValueTask<Stream> OpenAsync(DnsEndPoint to, Func<IPAddress, bool> isAllowed, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = IPAddress.TryParse(to.Host.Trim('[', ']'), out IPAddress? literal)
            ? [literal]
            : await System.Net.Dns.GetHostAddressesAsync(to.Host, cancellationToken);
        IPAddress[] allowed = [.. addresses.Where(isAllowed)];
        if (allowed.Length == 0)
        {
            throw addresses.Length > 0 ? new AddressNotAllowedException(to.Host, addresses[0]) : new SocketException((int)SocketError.HostNotFound);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, to.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
