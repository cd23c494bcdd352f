using System.Net;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bench.Bgp;

/// <summary>Sessions with both their ends in this process, over loopback: time to be Established, idle cost, cost of a change everywhere.</summary>
internal static class SocketCost
{
    /// <summary>A tenth of what is usual (RFC 4271 §10: 90 s), so that half a minute has its share of keepalives.</summary>
    private const int HoldSeconds = 9;

    public static async Task RunAsync(int sessions, int seconds)
    {
        Cost before = Cost.Now();
        long start = TimeProvider.System.GetTimestamp();
        await using var listener = SessionListener.Open(new IPEndPoint(IPAddress.Parse("127.0.0.1"), 0), TimeProvider.System);
        int routes = 0;
        List<SessionRunner> active = [];
        List<SessionRunner> passive = [];
        for (int i = 0; i < sessions; i++)
        {
            IPAddress source = new([127, 1, (byte)(i >> 8), (byte)i]);
            var hooks = new SessionHooks { Updated = (_, _) => Interlocked.Increment(ref routes) };
            passive.Add(new SessionRunner(new TcpPeer { Remote = new IPEndPoint(source, 179) }, Sample.Settings(isPassive: true, HoldSeconds), hooks, TimeProvider.System, i));
            listener.Add(passive[i]);
            passive[i].Start();
            active.Add(new SessionRunner(new TcpPeer { Remote = listener.Local, Source = source }, Sample.Settings(isPassive: false, HoldSeconds), new SessionHooks(), TimeProvider.System, -i));
            active[i].Set(Sample.Routes(0), Sample.Prefixes);
            active[i].Start();
        }

        await UntilAsync(() => active.All(s => s.State == BgpState.Established) && Volatile.Read(ref routes) >= 2 * sessions);
        TimeSpan up = TimeProvider.System.GetElapsedTime(start);
        Cost established = Cost.Now();
        Console.WriteLine($"{sessions} sessions Established and {routes} routes heard after {up.TotalMilliseconds:0} ms");
        established.Print("until then", before, sessions, up);

        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        Cost idle = Cost.Now();
        idle.Print($"{seconds} s of keepalives", established, sessions, TimeSpan.FromSeconds(seconds));
        if (!active.All(s => s.State == BgpState.Established && s.Observe("u", 0).Counters.Established == 1))
        {
            throw new InvalidOperationException("a session was lost on the way");
        }

        Interlocked.Exchange(ref routes, 0);
        start = TimeProvider.System.GetTimestamp();
        active.ForEach(s => s.Set(Sample.Routes(1), Sample.Prefixes));
        await UntilAsync(() => Volatile.Read(ref routes) >= 2 * sessions);
        Console.WriteLine($"another prepend is heard by all {sessions} after {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
        await Task.WhenAll(active.Concat(passive).Select(s => s.DisposeAsync().AsTask()));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }
}
