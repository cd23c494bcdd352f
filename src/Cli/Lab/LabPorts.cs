using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Cli.Lab;

/// <summary>
/// The lab's ports, counted from the base port B: B the API, B+1 the feed, B+2 the sample origin; then ten for each edge
/// in the order of the config, from B+10: http, https, peer, admin, dns (and five left free). Everything is on 127.0.0.1.
/// </summary>
internal sealed class LabPorts(int basePort)
{
    /// <summary>The lab is one machine: 64 edges are over 200 processes' worth of memory already.</summary>
    public const int MaxEdges = 64;

    public const int MaxBasePort = IPEndPoint.MaxPort - FirstEdge - (MaxEdges * PerEdge);

    private const int FirstEdge = 10;
    private const int PerEdge = 10;

    public IPEndPoint Api => At(0);

    public IPEndPoint Feed => At(1);

    public IPEndPoint Origin => At(2);

    public EdgePorts Edge(int index) =>
        new(At(EdgeAt(index)), At(EdgeAt(index) + 1), At(EdgeAt(index) + 2), At(EdgeAt(index) + 3), At(EdgeAt(index) + 4));

    /// <summary>Null when the port is free, else why it cannot be used.</summary>
    public static string? WhyBusy(IPEndPoint endPoint)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            socket.Listen(1);
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }

    private static int EdgeAt(int index) => FirstEdge + (PerEdge * index);

    private IPEndPoint At(int offset) => new(IPAddress.Loopback, basePort + offset);
}

/// <summary>Where one edge of the lab listens.</summary>
internal sealed record EdgePorts(IPEndPoint Http, IPEndPoint Https, IPEndPoint Peer, IPEndPoint Admin, IPEndPoint Dns);
