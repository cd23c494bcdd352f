namespace OrleansCdn.Contracts.Config;

/// <summary>What holds for keys that a config leaves out, and why.</summary>
public static class ConfigDefaults
{
    /// <summary>A quarter of the smallest servers that are rented (1 GiB); what Varnish's packages ship with.</summary>
    public const long MemoryBytes = 256L << 20;

    public const UpstreamKind Kind = UpstreamKind.Transit;

    /// <summary>An upstream is listed because one wants to be seen there.</summary>
    public const bool Announce = true;

    public const int Prepend = 0;

    /// <summary>RFC 4271 §8.</summary>
    public const int BgpPort = 179;

    /// <summary>
    /// A third of the 90 s that RFC 4271 §10 suggests: a server that is gone attracts visitors for so long. Shorter ones are lost
    /// to a router that is busy with its own full table.
    /// </summary>
    public static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(30);

    /// <summary>Neighbours are on the same link (RFC 4271 §5.1.3, external sessions).</summary>
    public const int Hops = 1;

    /// <summary>
    /// The neighbour's own family: routers filter what another family's session brings, and an unused family delays routes.
    /// When no prefix of the cluster is of it, the prefixes' families: the session would carry nothing.
    /// </summary>
    public const string Families = "the neighbour's own, or when there is no prefix of it, the prefixes'";

    public const bool Withdraw = false;

    public const OriginProtocol Protocol = OriginProtocol.Auto;

    /// <summary>Off: a site's owner could otherwise read what only the server can reach (SSRF).</summary>
    public const bool AllowPrivate = false;

    /// <summary>Two lost SYNs (1 s and 2 s, RFC 6298) and a round trip around the world fit.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Varnish's first_byte_timeout and nginx's proxy_read_timeout.</summary>
    public static readonly TimeSpan FirstByteTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Varnish's between_bytes_timeout and nginx's proxy_read_timeout.</summary>
    public static readonly TimeSpan BetweenBytesTimeout = TimeSpan.FromSeconds(60);

    /// <summary>What Apache httpd answers at once by default (MaxRequestWorkers of prefork): more only queue there.</summary>
    public const int MaxConnections = 256;

    /// <summary>Equal shares.</summary>
    public const int Weight = 1;

    /// <summary>The first, a second, and one more for the case that both were chosen by the same mistake.</summary>
    public const int FailoverAttempts = 3;

    /// <summary>A first origin that says nothing (<see cref="FirstByteTimeout"/>) leaves half of that for the others.</summary>
    public static readonly TimeSpan FailoverTotalTimeout = TimeSpan.FromSeconds(90);

    /// <summary>Envoy's consecutive_5xx: 5.</summary>
    public const int TripAfter = 5;

    /// <summary>A process that restarts is back within about a second.</summary>
    public static readonly TimeSpan BackOff = TimeSpan.FromSeconds(1);

    /// <summary>How long an origin that is back may stay unused after a long outage.</summary>
    public static readonly TimeSpan MaxBackOff = TimeSpan.FromSeconds(30);

    /// <summary>nginx's and Varnish's interval between checks: 5 s.</summary>
    public static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(5);

    /// <summary>Varnish's .timeout of probes.</summary>
    public static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(2);

    /// <summary>One good answer may be luck (HAProxy's rise).</summary>
    public const int HealthyAfter = 2;

    /// <summary>One failed check may be a lost packet (HAProxy's fall).</summary>
    public const int UnhealthyAfter = 3;

    /// <summary>Nothing is stored that the origin did not mark: a page for one visitor must not be seen by all.</summary>
    public static readonly TimeSpan DefaultTtl = TimeSpan.Zero;

    /// <summary>Varnish's default_grace: long enough for a refresh, too short for anyone to notice.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Nothing is served past its lifetime without need (RFC 9111 §4.2.4).</summary>
    public static readonly TimeSpan HealthyGrace = TimeSpan.Zero;

    /// <summary>A quarter of <see cref="MemoryBytes"/>, so that no single object empties a cache.</summary>
    public const long MaxObjectBytes = 64L << 20;

    public const bool Bypass = false;

    public const SetCookieHandling SetCookie = SetCookieHandling.Refuse;

    /// <summary>Off: it changes what the origin is asked, and counts on the origin being right about its own queries.</summary>
    public const bool NoVarySearch = false;

    public const bool OverrideOrigin = false;

    /// <summary>The key is what came in, so that no two different answers share one.</summary>
    public const QueryHandling Query = QueryHandling.Keep;

    public const bool SortQuery = false;

    /// <summary>An origin that uses no cookies does not mind; one that does must get them.</summary>
    public const bool ForwardCookies = true;

    /// <summary>What fits one packet (1,460 bytes of it) arrives no sooner when it is smaller.</summary>
    public const long MinCompressBytes = 1024;

    public const int RedirectStatus = 301;

    public const bool KeepQuery = true;

    /// <summary>Off: an edge without TLS for the site would send visitors where nobody answers.</summary>
    public const bool HttpsRedirect = false;

    public const string ErrorPageType = "text/html";

    /// <summary>Off: what the origin says about its own errors is for it to say.</summary>
    public const bool ReplaceOrigin = false;

    /// <summary>A silo that is updated, moved or repaired is back by then. Fastly's surrogates and Varnish have no such time: they serve on.</summary>
    public static readonly TimeSpan CutOffAfter = TimeSpan.FromMinutes(5);

    /// <summary>
    /// What an operator of Varnish or of a CDN expects: a control plane that is down is no reason to send every visitor to the
    /// origin, and lifetimes end by themselves.
    /// </summary>
    public const CutOffPolicy CutOffPolicy = Config.CutOffPolicy.Serve;

    public const CoalescingScope Coalescing = CoalescingScope.Pop;

    /// <summary>Half of the 120 s that a drain waits for; a shorter one costs queries and gains little before BGP has followed.</summary>
    public static readonly TimeSpan DnsTtl = TimeSpan.FromSeconds(60);

    /// <summary>As <see cref="DnsTtl"/>: a name that was just added is seen as soon as one that was changed.</summary>
    public static readonly TimeSpan DnsNegativeTtl = TimeSpan.FromSeconds(60);

    /// <summary>RFC 7871 §11.1: what resolvers send at most. Longer prefixes tell visitors apart and their places hardly.</summary>
    public const int ClientSubnetIpv4Bits = 24;

    public const int ClientSubnetIpv6Bits = 56;

    /// <summary>
    /// A resolver asks again when a TTL is over, so that one question of one network comes some times a second at most; BIND's
    /// and Knot's manuals begin with 5 to 20. More is left here, because many resolvers of large networks share a /24.
    /// </summary>
    public const int DnsResponsesPerSecond = 50;

    /// <summary>BIND's and NSD's: every second answer too many is a truncated one, with which a real resolver comes back over TCP.</summary>
    public const int DnsSlip = 2;

    /// <summary>Slack's and GitHub's: receivers are to answer first and work later.</summary>
    public static readonly TimeSpan NotificationTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Everything: who wants less says so.</summary>
    public const Api.EventSeverity NotificationSeverity = Api.EventSeverity.Info;

    public const NotificationFormat NotificationFormat = Config.NotificationFormat.Json;

    public const bool Dnssec = false;

    public const bool RandomId = false;

    public const bool ExplainInTxt = false;
}
