using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Tls;

/// <summary>How the certificate of one site stands.</summary>
/// <param name="NotAfter">End of the one in use; null when there is none.</param>
/// <param name="Problem">Why the files could not be used, or what is wrong with what is in use; null when all is well.</param>
internal sealed record CertificateStatus(string Site, DateTimeOffset? NotAfter, string? Problem);

/// <summary>
/// The certificates that visitors get, by server name (RFC 6066 §3): an exact host wins over a wildcard, a longer
/// wildcard over a shorter one. Files that have changed are read again; files that cannot be used leave the last good
/// certificate of that site in place.
/// </summary>
internal sealed partial class SiteCertificates(EdgeState state, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>A renewed certificate has weeks to be picked up.</summary>
    public static readonly TimeSpan LookInterval = FileStamp.LookInterval;

    private readonly Lock _loading = new();
    private volatile Table _table = Table.Empty;
    private Dictionary<string, Loaded> _bySite = [];
    private volatile EdgeSnapshot? _loadedFor;
    private ITimer? _timer;

    /// <summary>In the order of the config; sites without TLS are not listed.</summary>
    public ImmutableArray<CertificateStatus> Status => _table.Status;

    /// <summary>A host that has a certificate, the first of the config; null: none has.</summary>
    public string? FirstHost => _table.FirstHost;

    /// <summary>Loads now, and again whenever config or files have changed.</summary>
    public void Start()
    {
        Refresh();
        _timer ??= time.CreateTimer(_ => Refresh(), null, LookInterval, LookInterval);
    }

    /// <summary>What to answer a handshake with; null: no site has this name, so there is no certificate to show.</summary>
    public SslServerAuthenticationOptions? Find(string? serverName)
    {
        if (string.IsNullOrEmpty(serverName))
        {
            return null;
        }

        // A config that has just arrived may have brought a site: its first visitor does not wait for the next look.
        if (_loadedFor != state.Snapshot)
        {
            Refresh();
        }

        return _table.Find(serverName);
    }

    /// <summary>Reads what is new. Never throws for what the files hold.</summary>
    public void Refresh()
    {
        lock (_loading)
        {
            EdgeSnapshot? snapshot = state.Snapshot;
            Dictionary<string, Loaded> bySite = [];
            bool changed = snapshot != _loadedFor;
            foreach (SiteConfig site in snapshot?.Config.Sites ?? [])
            {
                if (site.Tls is { } tls)
                {
                    Loaded? before = _bySite.GetValueOrDefault(site.Id);
                    Loaded now = Load(site, tls, before);
                    changed |= now != before;
                    bySite[site.Id] = now;
                }
            }

            if (changed)
            {
                _bySite = bySite;
                _table = Table.Build(snapshot, bySite);
                _loadedFor = snapshot;
            }
        }
    }

    public void Dispose() => _timer?.Dispose();

    private Loaded Load(SiteConfig site, TlsConfig tls, Loaded? before)
    {
        (FileStamp, FileStamp) stamps = (FileStamp.Of(tls.CertificateFile), FileStamp.Of(tls.KeyFile));
        if (before is not null && before.Files == tls && before.Stamps == stamps && before.Hosts.SequenceEqual(site.Hosts))
        {
            return before;
        }

        try
        {
            PemPair pair = PemPair.Load(tls.CertificateFile, tls.KeyFile);
            string? problem = FindProblem(site, pair, time.GetUtcNow());
            DateTime notAfter = pair.Certificate.NotAfter.ToUniversalTime();
            LogLoaded(site.Id, tls.CertificateFile, notAfter);
            if (problem is not null)
            {
                LogProblem(site.Id, problem);
            }

            return new Loaded(tls, stamps, site.Hosts, TlsDefaults.ForVisitors(pair), notAfter, problem);
        }
        catch (Exception e) when (e is CryptographicException or IOException or ArgumentException)
        {
            string problem = $"{e.Message} ({tls.CertificateFile}, {tls.KeyFile})";
            if (before?.Options is null)
            {
                LogUnusable(site.Id, problem);
            }
            else
            {
                LogKeepsLast(site.Id, problem);
            }

            return new Loaded(tls, stamps, site.Hosts, before?.Options, before?.NotAfter, problem);
        }
    }

    private static string? FindProblem(SiteConfig site, PemPair pair, DateTimeOffset now)
    {
        if (pair.Certificate.NotAfter.ToUniversalTime() <= now.UtcDateTime)
        {
            return $"the certificate ended at {pair.Certificate.NotAfter.ToUniversalTime():u}";
        }

        string[] missing = [.. site.Hosts.Where(host => !pair.Certificate.MatchesHostname(Concrete(host)))];
        return missing.Length == 0 ? null : $"the certificate does not name {string.Join(", ", missing)}";
    }

    /// <summary>A name that a visitor can ask for.</summary>
    private static string Concrete(string host) => host.StartsWith("*.", StringComparison.Ordinal) ? "any" + host[1..] : host;

    /// <summary>What was read for one site; <see cref="Options"/> may be from an earlier reading.</summary>
    private sealed record Loaded(
        TlsConfig Files,
        (FileStamp Certificate, FileStamp Key) Stamps,
        ImmutableArray<string> Hosts,
        SslServerAuthenticationOptions? Options,
        DateTimeOffset? NotAfter,
        string? Problem);

    /// <summary>One state of all certificates; immutable.</summary>
    private sealed class Table
    {
        public static readonly Table Empty = Build(null, []);

        private readonly FrozenDictionary<string, SslServerAuthenticationOptions> _byHost;
        private readonly FrozenDictionary<string, SslServerAuthenticationOptions>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

        private Table(Dictionary<string, SslServerAuthenticationOptions> byHost, ImmutableArray<CertificateStatus> status, string? firstHost)
        {
            FirstHost = firstHost;
            _byHost = byHost.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
            _bySpan = _byHost.GetAlternateLookup<ReadOnlySpan<char>>();
            Status = status;
        }

        public ImmutableArray<CertificateStatus> Status { get; }

        public string? FirstHost { get; }

        public static Table Build(EdgeSnapshot? snapshot, Dictionary<string, Loaded> bySite)
        {
            Dictionary<string, SslServerAuthenticationOptions> byHost = new(StringComparer.OrdinalIgnoreCase);
            ImmutableArray<CertificateStatus>.Builder status = ImmutableArray.CreateBuilder<CertificateStatus>();
            string? firstHost = null;
            foreach (SiteConfig site in snapshot?.Config.Sites ?? [])
            {
                if (bySite.TryGetValue(site.Id, out Loaded? loaded))
                {
                    status.Add(new CertificateStatus(site.Id, loaded.NotAfter, loaded.Problem));
                    foreach (string host in loaded.Options is null ? [] : site.Hosts)
                    {
                        byHost[host] = loaded.Options!;
                        firstHost ??= Concrete(host);
                    }
                }
            }

            return new Table(byHost, status.ToImmutable(), firstHost);
        }

        /// <summary>Wildcards are held as they are written: <c>*.example.org</c>.</summary>
        public SslServerAuthenticationOptions? Find(string serverName)
        {
            if (_byHost.TryGetValue(serverName, out SslServerAuthenticationOptions? options))
            {
                return options;
            }

            Span<char> wildcard = stackalloc char[MaxNameChars + 1];
            if (serverName.Length > MaxNameChars)
            {
                return null;
            }

            for (int dot = serverName.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = serverName.IndexOf('.', dot + 1))
            {
                wildcard[0] = '*';
                serverName.AsSpan(dot).CopyTo(wildcard[1..]);
                if (_bySpan.TryGetValue(wildcard[..(serverName.Length - dot + 1)], out options))
                {
                    return options;
                }
            }

            return null;
        }

        /// <summary>Longest name of the DNS in its text form (RFC 1035 §2.3.4).</summary>
        private const int MaxNameChars = 255;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "site {Site}: certificate {File} is in use, until {NotAfter:u}")]
    private partial void LogLoaded(string site, string file, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "site {Site}: {Problem}")]
    private partial void LogProblem(string site, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "site {Site}: its certificate cannot be used: {Problem}. HTTPS of this site fails until the files are right")]
    private partial void LogUnusable(string site, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "site {Site}: the new certificate cannot be used: {Problem}. The last good one stays in use")]
    private partial void LogKeepsLast(string site, string problem);
}
