using System.Globalization;

namespace OrleansCdn.Interop.Tests.Network;

/// <summary>What the kernel of a host has refused on its own: <c>/proc/net/netstat</c> of a process's network namespace.</summary>
internal static class KernelCounters
{
    /// <summary>Segments with a wrong TCP-MD5 signature, without one where one is due, or with one where none is.</summary>
    public static readonly string[] Md5Refused = ["TCPMD5Failure", "TCPMD5NotFound", "TCPMD5Unexpected"];

    /// <summary>Segments below the least TTL of GTSM.</summary>
    public static readonly string[] TtlRefused = ["TCPMinTTLDrop"];

    public static long Sum(int process, string[] names)
    {
        // Pairs of lines: names, then values in the same order.
        string[] lines = File.ReadAllLines($"/proc/{process}/net/netstat");
        int at = Array.FindIndex(lines, l => l.StartsWith("TcpExt:", StringComparison.Ordinal));
        string[] heads = lines[at].Split(' ');
        string[] values = lines[at + 1].Split(' ');
        return names.Sum(name => long.Parse(values[Array.IndexOf(heads, name)], CultureInfo.InvariantCulture));
    }
}
