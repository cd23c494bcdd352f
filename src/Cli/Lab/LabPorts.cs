using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Cli.Lab;

/// <summary>
/// The lab's ports, counted from the base port B: B the API, B+1 the feed, B+2 the sample origin, B+3 the view of the internet; then
/// ten for each edge in the order of the config, from B+10: http, https, peer, admin, dns, its announcer's admin (and four left free);
/// then one for each neighbour of a PoP. Everything is on 127.0.0.1.
/// </summary>
internal sealed class LabPorts(int basePort)
{
    /// <summary>The lab is one machine: 64 edges are over 200 processes' worth of memory already.</summary>
    public const int MaxEdges = 64;

    /// <summary>Four for each of the edges: twice what the largest known PoPs of the kind have.</summary>
    public const int MaxNeighbors = 4 * MaxEdges;

    public const int MaxBasePort = IPEndPoint.MaxPort - FirstEdge - (MaxEdges * PerEdge) - MaxNeighbors;

    private const int FirstEdge = 10;
    private const int PerEdge = 10;

    public IPEndPoint Api => At(0);

    public IPEndPoint Feed => At(1);

    public IPEndPoint Origin => At(2);

    public IPEndPoint Internet => At(3);

    public EdgePorts Edge(int index) => new(
        At(EdgeAt(index)), At(EdgeAt(index) + 1), At(EdgeAt(index) + 2), At(EdgeAt(index) + 3), At(EdgeAt(index) + 4), At(EdgeAt(index) + 5));

    /// <param name="edges">How many there are.</param>
    /// <param name="index">Of the neighbour, from 0.</param>
    public IPEndPoint Neighbor(int edges, int index) => At(EdgeAt(edges) + index);

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
internal sealed record EdgePorts(IPEndPoint Http, IPEndPoint Https, IPEndPoint Peer, IPEndPoint Admin, IPEndPoint Dns, IPEndPoint Announcer);
