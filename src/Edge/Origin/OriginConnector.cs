using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Origin;

/// <summary>An origin whose addresses the site may not use.</summary>
public sealed class AddressNotAllowedException(string host, IPAddress address)
    : IOException($"'{host}' resolves to {address}, which is not a public address; set allow-private on the origin if that is meant");

/// <summary>
/// Opens TCP connections to origins: resolves, checks each address, and tries them in turn with a head start for each (RFC 8305).
/// The check keeps a tenant from reaching the operator's own network through the cache (server-side request forgery), also by a
/// name that resolves there.
/// </summary>
/// <param name="resolve">All addresses of a name.</param>
public sealed class OriginConnector(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time)
{
    /// <summary>RFC 8305 §5: Connection Attempt Delay, recommended 250 ms.</summary>
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);

    /// <summary>Of one name. With a head start each, the last begins after 4 s, within the default connect timeout of 5 s.</summary>
    private const int MaxAddresses = 16;

    /// <exception cref="IOException">Or <see cref="SocketException"/>: none of the addresses could be reached; why the last one could not.</exception>
    public async Task<Stream> ConnectAsync(string host, int port, bool allowPrivate, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? literal)
            ? [literal]
            : await resolve(host, cancellationToken).ConfigureAwait(false);
        IPAddress[] allowed = [.. Interleave(addresses).Where(address => allowPrivate || !SpecialPurposeAddresses.Contains(address)).Take(MaxAddresses)];
        if (allowed.Length == 0)
        {
            throw addresses.Length > 0 ? new AddressNotAllowedException(host, addresses[0]) : new SocketException((int)SocketError.HostNotFound);
        }

        return new NetworkStream(await RaceAsync(allowed, port, cancellationToken).ConfigureAwait(false), ownsSocket: true);
    }

    /// <summary>RFC 8305 §4: the resolver's order, but the families in turn, so that a family without a route costs one head start.</summary>
    private static IEnumerable<IPAddress> Interleave(IPAddress[] addresses)
    {
        if (addresses.Length == 0)
        {
            yield break;
        }

        AddressFamily first = addresses[0].AddressFamily;
        var preferred = new Queue<IPAddress>(addresses.Where(address => address.AddressFamily == first));
        var others = new Queue<IPAddress>(addresses.Where(address => address.AddressFamily != first));
        while (preferred.Count + others.Count > 0)
        {
            if (preferred.TryDequeue(out IPAddress? address))
            {
                yield return address;
            }

            if (others.TryDequeue(out address))
            {
                yield return address;
            }
        }
    }

    /// <summary>The first connection that comes about; the others are given up.</summary>
    private async Task<Socket> RaceAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        using CancellationTokenSource race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<Socket>>(addresses.Length);
        Exception? last = null;
        try
        {
            for (int next = 0; next < addresses.Length || running.Count > 0;)
            {
                if (next < addresses.Length)
                {
                    running.Add(OpenAsync(new IPEndPoint(addresses[next++], port), race.Token));
                }

                if (await FirstAsync(running, mayBeLate: next < addresses.Length, race.Token).ConfigureAwait(false) is not { } ended)
                {
                    continue;
                }

                running.Remove(ended);
                if (ended.IsCompletedSuccessfully)
                {
                    return await ended.ConfigureAwait(false);
                }

                cancellationToken.ThrowIfCancellationRequested();
                last = ended.Exception?.InnerException;
            }

            throw last ?? new SocketException((int)SocketError.HostUnreachable);
        }
        finally
        {
            await race.CancelAsync().ConfigureAwait(false);
            foreach (Task<Socket> loser in running)
            {
                _ = CloseAsync(loser);
            }
        }
    }

    /// <summary>Null: none has ended within the head start.</summary>
    private async Task<Task<Socket>?> FirstAsync(List<Task<Socket>> running, bool mayBeLate, CancellationToken cancellationToken)
    {
        Task<Task<Socket>> any = Task.WhenAny(running);
        if (!mayBeLate)
        {
            return await any.ConfigureAwait(false);
        }

        try
        {
            return await any.WaitAsync(HeadStart, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static async Task<Socket> OpenAsync(IPEndPoint to, CancellationToken cancellationToken)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One that came about all the same is closed; how it failed interests nobody.</summary>
    private static async Task CloseAsync(Task<Socket> loser)
    {
        try
        {
            (await loser.ConfigureAwait(false)).Dispose();
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
        }
    }
}
