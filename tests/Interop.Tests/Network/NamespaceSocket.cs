using System.Net.Sockets;

namespace OrleansCdn.Interop.Tests.Network;

/// <summary>A socket belongs to the network of the thread that creates it, whoever uses it later.</summary>
internal static class NamespaceSocket
{
    public static Socket Create(string network, AddressFamily family)
    {
        Socket? socket = null;
        Exception? error = null;

        // Its own thread, which ends in the other network.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{network}", share: FileShare.ReadWrite);
                Native.EnterNetwork(handle);
                socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
            }
            catch (Exception e) when (e is IOException or SocketException or System.ComponentModel.Win32Exception or UnauthorizedAccessException)
            {
                error = e;
            }
        });
        thread.Start();
        thread.Join();
        return socket ?? throw new InvalidOperationException($"no socket in {network}", error);
    }
}
