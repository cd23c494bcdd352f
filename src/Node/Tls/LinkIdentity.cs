using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace OrleansCdn.Node.Tls;

/// <summary>
/// Who this server is towards silos and other servers: its certificate, and the CA that theirs must come from. Replaced
/// files are picked up; files that cannot be used leave the last good ones in place.
/// </summary>
public sealed partial class LinkIdentity : IDisposable
{
    private readonly LinkFiles? _files;
    private readonly ILogger _logger;
    private readonly ITimer? _timer;
    private volatile Loaded _loaded;
    private LinkStamps _stamps;

    private LinkIdentity(LinkFiles? files, Loaded loaded, TimeProvider time, ILogger logger)
    {
        _files = files;
        _loaded = loaded;
        _logger = logger;
        if (files is not null)
        {
            _stamps = LinkStamps.Of(files);
            _timer = time.CreateTimer(_ => Refresh(), null, FileStamp.LookInterval, FileStamp.LookInterval);
        }
    }

    /// <summary>False on one machine without certificates: then links are plain HTTP on loopback.</summary>
    public bool IsConfigured => _files is not null;

    /// <summary>For connections to silos and other edges; ask anew for each connection, it may have been replaced.</summary>
    public SslClientAuthenticationOptions ForClient => _loaded.Client;

    /// <summary>For the listener of other edges; null without a certificate.</summary>
    public SslServerAuthenticationOptions? ForPeerListener => _loaded.Server;

    /// <exception cref="CryptographicException">A file is not what it should be.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static LinkIdentity Load(LinkFiles? files, TimeProvider time, ILogger logger) =>
        new(files, files is null ? new Loaded(TlsDefaults.ForLinks(null, null), null) : Read(files), time, logger);

    public void Dispose() => _timer?.Dispose();

    private static Loaded Read(LinkFiles files)
    {
        PemPair pair = PemPair.Load(files.Certificate, files.Key);
        X509Certificate2Collection authorities = PemPair.LoadAuthorities(files.Authorities);
        return new Loaded(TlsDefaults.ForLinks(pair, authorities), TlsDefaults.ForPeers(pair, authorities));
    }

    private void Refresh()
    {
        LinkStamps now = LinkStamps.Of(_files!);
        if (now == _stamps)
        {
            return;
        }

        _stamps = now;
        try
        {
            _loaded = Read(_files!);
            LogReloaded(_files!.Certificate);
        }
        catch (Exception e) when (e is CryptographicException or IOException or ArgumentException)
        {
            LogKeepsLast(_files!.Certificate, e.Message);
        }
    }

    private sealed record Loaded(SslClientAuthenticationOptions Client, SslServerAuthenticationOptions? Server);

    private readonly record struct LinkStamps(FileStamp Certificate, FileStamp Key, FileStamp Authorities)
    {
        public static LinkStamps Of(LinkFiles files) => new(FileStamp.Of(files.Certificate), FileStamp.Of(files.Key), FileStamp.Of(files.Authorities));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "certificate {File} was replaced; new connections use it")]
    private partial void LogReloaded(string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "the new files of {File} cannot be used: {Reason}. The last good ones stay in use")]
    private partial void LogKeepsLast(string file, string reason);
}

/// <summary>PEM files of <see cref="LinkIdentity"/>.</summary>
public sealed record LinkFiles(string Certificate, string Key, string Authorities);
