namespace OrleansCdn.Contracts.Config;

/// <summary>How much of everything a config may have, and the ranges of its values. Each says where it comes from.</summary>
public static class ConfigLimits
{
    /// <summary>Ten times the network that this CDN is made for (three to twenty servers), so that growth is not stopped by it.</summary>
    public const int Pops = 200;

    public const int EdgesPerPop = 64;

    /// <summary>A PoP at an exchange with its transits, route servers and bilateral peers.</summary>
    public const int UpstreamsPerPop = 64;

    /// <summary>A provider's redundant routers in both address families.</summary>
    public const int NeighborsPerUpstream = 16;

    /// <summary>More networks than any provider's community catalogue addresses one by one.</summary>
    public const int CarriersPerUpstream = 128;

    /// <summary>RFC 4271 §4.2: 3 s or more.</summary>
    public static readonly TimeSpan MinHoldTime = TimeSpan.FromSeconds(3);

    /// <summary>What RFC 4271 §10 suggests, twice: routers ship with 180 s.</summary>
    public static readonly TimeSpan MaxHoldTime = TimeSpan.FromSeconds(180);

    /// <summary>Of an IP packet.</summary>
    public const int MaxHops = 255;

    /// <summary>With as many from the carriers and twice over in the large form they still fit into one UPDATE of 4096 octets (RFC 4271 §4.1).</summary>
    public const int CommunitiesPerUpstream = 64;

    /// <summary>Own catalogues: those of the upstreams that no catalogue is shipped for.</summary>
    public const int Providers = 64;

    /// <summary>Alternatives of one action: the three kinds of community, with room.</summary>
    public const int TemplatesPerAction = 8;

    /// <summary>Communities of a provider that are explained: the longest published list has some 300.</summary>
    public const int KnownPerProvider = 512;

    /// <summary>What one operator announces by anycast is one or two prefixes per family.</summary>
    public const int Prefixes = 64;

    /// <summary>Sites of 100 bytes each fill the largest file.</summary>
    public const int Sites = 10_000;

    public const int HostsPerSite = 1_000;

    public const int OriginsPerSite = 16;

    /// <summary>Rules are tried one after the other for each request.</summary>
    public const int RulesPerSite = 256;

    public const int ExtensionsPerRule = 64;

    /// <summary>More than the content types of one kind that IANA knows and anyone lists.</summary>
    public const int ContentTypesPerRule = 64;

    public const int StatusesPerRule = 64;

    /// <summary>Each is looked for in the requests that a rule matches.</summary>
    public const int BypassNamesPerRule = 32;

    /// <summary>The lists of tracking parameters that are passed around have some fifty.</summary>
    public const int QueryNamesPerKey = 64;

    /// <summary>Each more multiplies the variants of every object.</summary>
    public const int FieldsPerKey = 8;

    /// <summary>Above this everything is worth compressing.</summary>
    public const long MaxMinCompressBytes = 1L << 20;

    public const int HeaderRulesPerSite = 64;

    /// <summary>A moved site's old addresses; they are looked up, not tried one after the other.</summary>
    public const int RedirectsPerSite = 1_000;

    public const int ErrorPagesPerSite = 16;

    /// <summary>A page with its style and a small picture in it; every edge holds it in memory.</summary>
    public const int MaxErrorPageBytes = 16 * 1024;

    /// <summary>A handful of chats, a pager and a log; each is a request at a time of a silo.</summary>
    public const int Notifications = 16;

    /// <summary>More than there are kinds.</summary>
    public const int EventsPerNotification = 64;

    public static readonly TimeSpan MinNotificationTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>The longer of the times that the Standard Webhooks specification gives.</summary>
    public static readonly TimeSpan MaxNotificationTimeout = TimeSpan.FromSeconds(30);

    public const int Zones = 256;

    /// <summary>As many as fit a DNS message of 512 bytes, as with the root zone.</summary>
    public const int NameserversPerZone = 13;

    public const int SteeredNamesPerZone = 1_000;

    /// <summary>A quarter of the largest config.</summary>
    public const int MaxRecordsBytes = 256 * 1024;

    /// <summary>Both families at each of a handful of interfaces; with 16 A records and their signature an answer still fits 1,232 octets.</summary>
    public const int AddressesPerEdge = 16;

    /// <summary>Each is compiled into the tries of every edge; whoever has more exceptions than this has another rule in mind.</summary>
    public const int SteeringOverrides = 10_000;

    /// <summary>Every network of the databases is tried against all of them when they are compiled.</summary>
    public const int SteeringRules = 1_000;

    /// <summary>All of them: ISO 3166-1 has 249.</summary>
    public const int CountriesPerRule = 256;

    /// <summary>The networks of a country: the United States have some 18,000 AS numbers in use, and rules name the large ones.</summary>
    public const int AsnsPerRule = 2_000;

    /// <summary>RFC 7871 §11.1: what resolvers send at most.</summary>
    public const int MaxClientSubnetIpv4Bits = 24;

    public const int MaxClientSubnetIpv6Bits = 56;

    /// <summary>A tenth of what one core answers; who wants more wants 0, no limit.</summary>
    public const int MaxDnsResponseRate = 10_000;

    /// <summary>BIND's largest.</summary>
    public const int MaxDnsSlip = 10;

    /// <summary>32 bits are left for the number.</summary>
    public const int MaxIdPrefixLength = 96;

    /// <summary>What registries give at most is shorter; shorter than this is a typing error.</summary>
    public const int MinIdPrefixLength = 32;

    /// <summary>Longer paths are dropped by networks that limit AS_PATH, and five already lose to any other path.</summary>
    public const int MaxPrepend = 5;

    /// <summary>Below this an index and a handful of objects of the usual sizes do not fit.</summary>
    public const long MinMemoryBytes = 16L << 20;

    /// <summary>The largest servers that are sold.</summary>
    public const long MaxMemoryBytes = 16L << 40;

    /// <summary>Thirty-two segments of a size that is worth one write.</summary>
    public const long MinDiskBytes = 64L << 20;

    /// <summary>A thousand segments whose places fit 32 bits.</summary>
    public const long MaxDiskBytes = 2L << 40;

    public const long MinMaxObjectBytes = 1L << 10;

    public const long MaxMaxObjectBytes = 1L << 40;

    /// <summary>A year: RFC 2616 §14.21 set it as the longest meaningful lifetime, and caches still keep to it.</summary>
    public static readonly TimeSpan MaxTtl = TimeSpan.FromDays(365);

    /// <summary>An origin that was down for a month is not coming back.</summary>
    public static readonly TimeSpan MaxGrace = TimeSpan.FromDays(30);

    /// <summary>A connection is given up after so much silence, and made anew within seconds: less would take a pause for an outage.</summary>
    public static readonly TimeSpan MinCutOffAfter = Control.FeedProtocol.SilenceLimit;

    /// <summary>Less than a round trip within one town.</summary>
    public static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(1);

    /// <summary>Linux gives up on a connection after some two minutes (tcp_syn_retries); more would never be reached.</summary>
    public static readonly TimeSpan MaxConnectTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Reports and exports that take an hour to begin; longer belongs into a job queue.</summary>
    public static readonly TimeSpan MaxReadTimeout = TimeSpan.FromHours(1);

    /// <summary>TCP ports of one source address, which is the most that one edge can open to one origin.</summary>
    public const int MaxConnections = 65_535;

    public static readonly TimeSpan MinDnsTtl = TimeSpan.FromSeconds(1);

    /// <summary>Steered answers that live longer than a day do not follow a change of routes.</summary>
    public static readonly TimeSpan MaxDnsTtl = TimeSpan.FromDays(1);

    /// <summary>As many as a site may have origins, so that each can have its own.</summary>
    public const int MaxPriority = OriginsPerSite;

    /// <summary>Percentages can be written as they are.</summary>
    public const int MaxWeight = 100;

    /// <summary>More in a row would be seen only after the visitors have seen them.</summary>
    public const int MaxTripAfter = 1_000;

    public const int MaxHealthRuns = 100;

    /// <summary>Each edge checks on its own: twenty edges are twenty requests a second then.</summary>
    public static readonly TimeSpan MinHealthInterval = TimeSpan.FromSeconds(1);

    /// <summary>What is checked less often than hourly is not checked.</summary>
    public static readonly TimeSpan MaxHealthInterval = TimeSpan.FromHours(1);

    public const int ExpectedStatuses = 16;

    /// <summary>Below the pace of probes and views (1 s) nothing is seen to happen.</summary>
    public static readonly TimeSpan MinDrainTime = TimeSpan.FromSeconds(1);

    /// <summary>Resolvers keep steered answers for at most so much longer than they ought to; more is another drain.</summary>
    public static readonly TimeSpan MaxDrainTime = TimeSpan.FromHours(1);

    /// <summary>The longest downloads: large files over slow lines.</summary>
    public static readonly TimeSpan MaxConnectionsTime = TimeSpan.FromDays(1);

    /// <summary>Three lost words in a row of each of the others, each of which counts as fresh for so long: fewer would be a hiccup of a silo.</summary>
    public static readonly TimeSpan MinRescueAfter = 3 * Failover.FailoverPolicy.Default.FreshFor;

    /// <summary>A prefix that nobody announces for longer is an outage that people will have ended by hand.</summary>
    public static readonly TimeSpan MaxRescueAfter = TimeSpan.FromMinutes(10);

    /// <summary>Two PoPs that see the same cause see it within three probes of each other, and as much again for words on their way.</summary>
    public static readonly TimeSpan MinSuspectWithin = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan MaxSuspectWithin = TimeSpan.FromHours(1);

    /// <summary>RFC 2439 §4.2 counts in thousands; a hundred withdrawals of its usual size.</summary>
    public const int MaxPenalty = 100_000;

    public static readonly TimeSpan MinDampingTime = TimeSpan.FromSeconds(1);

    /// <summary>Twenty-four times what RIPE-580 recommends at most: what a day has not settled a person has to.</summary>
    public static readonly TimeSpan MaxDampingTime = TimeSpan.FromDays(1);

    public static readonly TimeSpan MinBackOff = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan MaxBackOff = TimeSpan.FromHours(1);

    /// <summary>More requests a second than one edge answers: beyond it there is no limit.</summary>
    public const int MaxClientRate = 1_000_000;

    /// <summary>More requests at one time than an edge has connections and streams for.</summary>
    public const int MaxConcurrency = 1_000_000;

    /// <summary>The largest files that are uploaded in one request.</summary>
    public const long MaxBodyBytes = 1L << 40;

    /// <summary>RFC 9110 §4.1: what every server should take. The listeners' own bound is the same.</summary>
    public const long MaxUrlBytes = 8L << 10;

    public const long MinUrlBytes = 64;

    /// <summary>The listeners' own bound.</summary>
    public const long MaxHeaderBytes = 32L << 10;

    /// <summary>What browsers send with a request: some 500 bytes and cookies.</summary>
    public const long MinHeaderBytes = 512;
}
