using System.Net.Sockets;
using OrleansCdn.Dns.Answering;

namespace OrleansCdn.Dns.Server.Udp;

/// <summary>One socket and its thread. Batches go through one call each way; nothing is allocated on the way.</summary>
internal abstract class UdpWorker : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _isRetired;

    protected UdpWorker(Socket socket, UdpDesk desk, TimeProvider time, string name)
    {
        Socket = socket;
        Desk = desk;
        Time = time;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public UdpDesk Desk { get; }

    protected Socket Socket { get; }

    protected TimeProvider Time { get; }

    public void Start() => _thread.Start();

    /// <summary>
    /// No more queries come here: a connected socket is given only what comes from its peer, and this one's is nobody. What is in
    /// its queue is still answered. Another socket on the same port has to be open before, or clients meet a closed port.
    /// </summary>
    public void Retire()
    {
        NobodyAsPeer.Connect(Socket);
        _isRetired = true;
    }

    /// <summary>Waits for the thread of a retired socket, which ends when its queue is empty.</summary>
    public void Dispose()
    {
        _isRetired = true;
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        Socket.Dispose();
        Release();
    }

    /// <summary>Waits for queries for <see cref="ServerLimits.LookInterval"/> and answers them.</summary>
    /// <returns>How many came.</returns>
    protected abstract int Turn();

    protected virtual void Release()
    {
    }

    protected QuerySource Source(UInt128 address, bool isIpv4, ushort port, TimeSpan now) =>
        new() { Address = address, IsIpv4 = isIpv4, Port = port, IsTcp = false, Now = now };

    private void Run()
    {
        while (true)
        {
            bool isLast = _isRetired;
            if (Turn() == 0 && isLast)
            {
                return;
            }
        }
    }
}
