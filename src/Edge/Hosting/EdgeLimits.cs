using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace OrleansCdn.Edge.Hosting;

/// <summary>What one client may ask of an edge's listeners. Each number says where it comes from.</summary>
internal static class EdgeLimits
{
    /// <summary>All header fields of a request: nginx's <c>large_client_header_buffers</c> is 4 × 8 KiB.</summary>
    public const int MaxHeaderBytes = 32 * 1024;

    /// <summary>RFC 9110 §4.1 recommends at least 8,000 octets; also the longest URL that can be purged.</summary>
    public const int MaxRequestLineBytes = 8 * 1024;

    /// <summary>Apache's <c>LimitRequestFields</c> and Kestrel's own default: 100.</summary>
    public const int MaxHeaderCount = 100;

    /// <summary>nginx's <c>keepalive_timeout</c>: browsers come back for the next page within it.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(75);

    /// <summary>A header is one packet or two; Apache's <c>mod_reqtimeout</c> gives 20 s, a slow mobile link needs three.</summary>
    public static readonly TimeSpan RequestHeaders = TimeSpan.FromSeconds(10);

    /// <summary>Below a modem: who sends or reads less than this per second holds a buffer for nothing (Kestrel's default).</summary>
    public const double MinBytesPerSecond = 240;

    /// <summary>A reader that pauses (a player with a full buffer, a phone in a tunnel) is alive: nginx's <c>send_timeout</c>.</summary>
    public static readonly TimeSpan ReaderGrace = TimeSpan.FromSeconds(60);

    /// <summary>Nobody uploads in pauses: long enough for a few lost packets.</summary>
    public static readonly TimeSpan WriterGrace = TimeSpan.FromSeconds(10);

    /// <summary>Per listener. At some 10 KiB of memory for an idle connection these are 160 MiB, which the smallest server has.</summary>
    public const int MaxConnections = 16 * 1024;

    /// <summary>Per connection; RFC 9113 §6.5.2 recommends at least 100, and resets count against it until they are done.</summary>
    public const int MaxStreams = 100;

    /// <summary>Other edges multiplex their misses: 1,024 is what an edge lets wait for leases at one time.</summary>
    public const int MaxPeerStreams = 1024;

    /// <summary>Of one HTTP/2 upload, in memory when the origin is slow; four of RFC 9113's default of 65,535.</summary>
    public const int StreamWindowBytes = 256 * 1024;

    /// <summary>Of all uploads on one HTTP/2 connection.</summary>
    public const int ConnectionWindowBytes = 512 * 1024;

    /// <summary>A client that went away without a word holds its streams no longer than two of these.</summary>
    public static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);

    /// <summary>What waits for one slow reader in this process; the kernel's socket buffer comes on top of it.</summary>
    public const long OutputBufferBytes = 64 * 1024;

    /// <summary>What has arrived from one client and is not read yet.</summary>
    public const long InputBufferBytes = 64 * 1024;

    /// <summary>Linux' <c>net.core.somaxconn</c>: a burst of new connections waits rather than fails.</summary>
    public const int Backlog = 4096;

    /// <summary>How long requests under way may go on after SIGTERM.</summary>
    public static readonly TimeSpan Drain = TimeSpan.FromSeconds(3);

    /// <summary>Kestrel's switch: a line of a request ends with CR LF alone. Others on the way may not see an LF as an end (RFC 9112 §2.2).</summary>
    private const string NoBareLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    public static void Apply(KestrelServerOptions server)
    {
        AppContext.SetSwitch(NoBareLineFeeds, isEnabled: true);
        server.AddServerHeader = false;
        server.AllowSynchronousIO = false;
        server.AllowHostHeaderOverride = true; // an absolute-form target replaces Host (RFC 9112 §3.2.2)
        server.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        server.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1; // octets of fields pass through as they are (RFC 9110 §5.5)

        KestrelServerLimits limits = server.Limits;
        limits.MaxRequestBodySize = null; // the pipeline decides, by method and site
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeaderCount = MaxHeaderCount;
        limits.MaxRequestBufferSize = InputBufferBytes;
        limits.MaxResponseBufferSize = OutputBufferBytes;
        limits.KeepAliveTimeout = KeepAlive;
        limits.RequestHeadersTimeout = RequestHeaders;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, WriterGrace);
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, ReaderGrace);
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0; // nothing is upgraded: no way around the pipeline
        limits.Http2.MaxStreamsPerConnection = MaxStreams;
        limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.KeepAlivePingDelay = PingInterval;
        limits.Http2.KeepAlivePingTimeout = PingInterval;
    }

    public static void Apply(SocketTransportOptions sockets)
    {
        sockets.Backlog = Backlog;
        sockets.MaxReadBufferSize = InputBufferBytes;
        sockets.MaxWriteBufferSize = OutputBufferBytes;
        sockets.NoDelay = true;
    }
}
