using System.Collections.Concurrent;

namespace OrleansCdn.Dns.Server.Tcp;

/// <summary>Desks that are free. There are never more than threads that have computed answers at one time.</summary>
internal sealed class TcpDesks(Func<TcpDesk> make)
{
    private readonly ConcurrentStack<TcpDesk> _free = [];

    public TcpDesk Take() => _free.TryPop(out TcpDesk? desk) ? desk : make();

    public void Return(TcpDesk desk) => _free.Push(desk);
}
