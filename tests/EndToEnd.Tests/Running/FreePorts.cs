using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.EndToEnd.Tests.Running;

internal static class FreePorts
{
    // Below the ephemeral ports (Linux: from 32768), so that no outgoing connection takes one in between.
    private const int First = 12_000;
    private const int Last = 30_000;

    // A lab of three edges uses B to B+44.
    private const int Block = 50;

    private static int _next = First + (Environment.ProcessId % 300 * Block);

    /// <summary>A base port whose block nobody listens in.</summary>
    public static int Base()
    {
        while (true)
        {
            int candidate = Interlocked.Add(ref _next, Block);
            candidate = First + ((candidate - First) % (Last - First));
            if (Enumerable.Range(candidate, Block).All(IsFree))
            {
                return candidate;
            }
        }
    }

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
