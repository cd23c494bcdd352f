using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>Each rule of the config: one edit of a valid file, and the one error that it must bring.</summary>
public sealed class RuleTests
{
    [Fact]
    public void The_sample_is_valid() => Assert.Empty(SampleFile.Errors(SampleFile.Yaml));

    [Theory]
    // Cluster.
    [InlineData("name: sample", "name: §my cdn", "f:§: cluster.name: 'my cdn' is not a token")]
    [InlineData("name: sample", "name: §\"\"", "f:§: cluster.name: '' is not a token")]
    [InlineData("name: sample,", "", "f:1:1: cluster.name: is missing")]
    [InlineData("name: sample", "name: [a]", "f:1:18: cluster.name: is a list, not a single value")]
    [InlineData("name: sample", "name:", "f:1:17: cluster.name: has no value")]
    [InlineData("asn: 64500", "asn: §AS64500", "f:§: cluster.asn: 'AS64500' is not a number: leave out the AS before it")]
    [InlineData("asn: 64500", "asn: §-1", "f:§: cluster.asn: '-1' is not an AS number")]
    [InlineData("asn: 64500", "asn: §4294967296", "f:§: cluster.asn: '4294967296' is not an AS number")]
    [InlineData("asn: 64500", "asn: §23456", "f:§: cluster.asn: '23456' is a reserved AS number that nothing may announce")]
    [InlineData("asn: 64500,", "", "f:1:1: cluster: has prefixes and no AS number to announce them from")]
    [InlineData("asn: 64500, prefixes: [2001:db8:1000::/48]", "", "f:8:18: pops.one.upstreams.ix: is a BGP neighbour, and the cluster has no AS number")]
    [InlineData("2001:db8:1000::/48", "§2001:db8:1000::/49", "f:§: cluster.prefixes[0]: '2001:db8:1000::/49' is longer than the Internet carries, which is /48")]
    [InlineData("2001:db8:1000::/48", "§192.0.2.0/25", "f:§: cluster.prefixes[0]: '192.0.2.0/25' is longer than the Internet carries, which is /24")]
    [InlineData("2001:db8:1000::/48", "§2001:db8:1000::1/48", "f:§: cluster.prefixes[0]: '2001:db8:1000::1/48' has bits set after its length: write 2001:db8:1000::/48")]
    [InlineData("2001:db8:1000::/48", "§11.0.0.0/7", "f:§: cluster.prefixes[0]: '11.0.0.0/7' is larger than any network's own")]
    [InlineData("2001:db8:1000::/48", "§2000::/15", "f:§: cluster.prefixes[0]: '2000::/15' is larger than any network's own")]
    [InlineData("2001:db8:1000::/48", "§10.1.0.0/16", "f:§: cluster.prefixes[0]: '10.1.0.0/16' is for special purposes (RFC 6890) and is not routed on the Internet")]
    [InlineData("2001:db8:1000::/48", "§fd00::/48", "f:§: cluster.prefixes[0]: 'fd00::/48' is for special purposes (RFC 6890) and is not routed on the Internet")]
    [InlineData("2001:db8:1000::/48", "§2001:db8:1000::", "f:§: cluster.prefixes[0]: '2001:db8:1000::' is not a prefix")]
    [InlineData("2001:db8:1000::/48", "§192.0.2.0/240", "f:§: cluster.prefixes[0]: '192.0.2.0/240' is not a prefix")]
    [InlineData("2001:db8:1000::/48", "2001:db8:1000::/48, §2001:db8:1000:0::/48", "f:§: cluster.prefixes[1]: '2001:db8:1000:0::/48' is given twice")]
    // PoPs.
    [InlineData("  two:", "  none:", "f:10:3: pops.none: cannot be told from a site's shield: none")]
    [InlineData("  two:", "  §one:", "f:§: pops.one: is given twice, first in line 3")]
    [InlineData("name: First", "name: \"\\e[31mFirst\"", "f:4:11: pops.one.name: '\\u001b[31mFirst' is not a printable name")]
    [InlineData("latitude: 52.23", "latitude: §91", "f:§: pops.one.location.latitude: '91' is out of range")]
    [InlineData("latitude: 52.23", "latitude: §NaN", "f:§: pops.one.location.latitude: 'NaN' is not a number of degrees")]
    [InlineData("latitude: 52.23", "latitude: §1e1", "f:§: pops.one.location.latitude: '1e1' is not a number of degrees")]
    [InlineData("longitude: 21.01", "longitude: §-180.1", "f:§: pops.one.location.longitude: '-180.1' is out of range")]
    [InlineData("country: PL", "country: §pl", "f:§: pops.one.location.country: 'pl' is not in upper case")]
    [InlineData("country: PL", "country: §UK", "f:§: pops.one.location.country: 'UK' is not a country code: write GB")]
    [InlineData("continent: EU", "continent: §Europe", "f:§: pops.one.location.continent: 'Europe' is not a choice here")]
    [InlineData("location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }", "", "f:3:3: pops.one.location: is missing")]
    // Edges.
    [InlineData("name: two1", "name: §one1", "f:§: pops.two.edges[0].name: 'one1' is given twice, first in line 7")]
    [InlineData("name: two1", "name: §Two_1", "f:§: pops.two.edges[0].name: 'Two_1' is not a name")]
    [InlineData("- { name: two1, http: \"[::]:80\" }", "[]", "f:13:7: pops.two.edges: is empty")]
    [InlineData(", http: \"[::]:80\" }", " }", "f:13:9: pops.two.edges[0]: listens neither for visitors nor for DNS")]
    [InlineData("http: \"[::]:80\", https", "http: §\":80\", https", "f:§: pops.one.edges[0].http: ':80' is not an address and a port")]
    [InlineData("http: \"[::]:80\", https", "http: §80, https", "f:§: pops.one.edges[0].http: '80' has no port")]
    [InlineData("http: \"[::]:80\", https", "http: §\"[::]\", https", "f:§: pops.one.edges[0].http: '[::]' has no port")]
    [InlineData("http: \"[::]:80\", https", "http: §\"[::]:65536\", https", "f:§: pops.one.edges[0].http: '[::]:65536' has no port from 0 to 65535")]
    [InlineData("http: \"[::]:80\", https", "http: §\"010.0.0.1:80\", https", "f:§: pops.one.edges[0].http: '010.0.0.1:80' is not an address and a port")]
    [InlineData("http: \"[::]:80\", https", "http: §\"localhost:80\", https", "f:§: pops.one.edges[0].http: 'localhost:80' is not an address and a port")]
    [InlineData("http: \"[::]:80\", https", "http: §\"224.0.0.1:80\", https", "f:§: pops.one.edges[0].http: '224.0.0.1:80' is a multicast or broadcast address")]
    [InlineData("https: \"[::]:443\"", "https: §\"0.0.0.0:80\"", "f:§: pops.one.edges[0].https: '0.0.0.0:80' is taken by http of the same edge")]
    [InlineData("peer: \"192.0.2.10:8443\"", "peer: §\"192.0.2.10:443\"", "f:§: pops.one.edges[0].peer: '192.0.2.10:443' is taken by https of the same edge")]
    [InlineData("peer: \"192.0.2.10:8443\"", "peer: §\"0.0.0.0:8443\"", "f:§: pops.one.edges[0].peer: '0.0.0.0:8443' is every address: name the one that other edges reach this server at")]
    [InlineData("admin: \"127.0.0.1:9180\"", "admin: §\"8.8.8.8:9180\"", "f:§: pops.one.edges[0].admin: '8.8.8.8:9180' is a public address")]
    [InlineData("admin: \"127.0.0.1:9180\"", "admin: §\"[::]:9180\"", "f:§: pops.one.edges[0].admin: '[::]:9180' is every address, public ones too")]
    [InlineData("memory: 1GiB", "memory: §1073741824", "f:§: pops.one.edges[0].memory: '1073741824' has no unit: write 1073741824MiB, or B, KiB, GiB, TiB, KB, MB, GB, TB")]
    [InlineData("memory: 1GiB", "memory: §15MiB", "f:§: pops.one.edges[0].memory: '15MiB' is too small")]
    [InlineData("memory: 1GiB", "memory: §99999999TiB", "f:§: pops.one.edges[0].memory: '99999999TiB' is too large")]
    [InlineData("memory: 1GiB", "memory: §1gib", "f:§: pops.one.edges[0].memory: '1gib' has an unknown unit: write B, KiB, MiB, GiB, TiB, KB, MB, GB or TB")]
    [InlineData("memory: 1GiB", "memory: §1.5GiB", "f:§: pops.one.edges[0].memory: '1.5GiB' is not a size: write a whole number and a unit, for example 64MiB")]
    // Upstreams.
    [InlineData("kind: peer", "kind: §customer", "f:§: pops.one.upstreams.up.kind: 'customer' is not a choice here")]
    [InlineData("asn: 64515,", "", "f:9:7: pops.one.upstreams.up.asn: is missing")]
    [InlineData("169.254.169.254", "§169.254.169", "f:§: pops.one.upstreams.up.neighbors[0]: '169.254.169' is not an address")]
    [InlineData("169.254.169.254", "§fe80::1", "f:§: pops.one.upstreams.up.neighbors[0]: 'fe80::1' is a link-local address, which means nothing without an interface")]
    [InlineData("169.254.169.254", "§0.0.0.0", "f:§: pops.one.upstreams.up.neighbors[0]: '0.0.0.0' is not the address of one host")]
    [InlineData("169.254.169.254", "192.0.2.1, §192.0.2.1", "f:§: pops.one.upstreams.up.neighbors[1]: '192.0.2.1' is given twice")]
    [InlineData("[169.254.169.254]", "§[]", "f:§: pops.one.upstreams.up.neighbors: is empty")]
    [InlineData("announce: false", "announce: §yes", "f:§: pops.one.upstreams.up.announce: 'yes' is neither true nor false")]
    [InlineData("[169.254.169.254]", "[§169.254.169.254:0]", "f:§: pops.one.upstreams.up.neighbors[0]: '169.254.169.254:0' has port 0, which nobody can connect to")]
    [InlineData("[169.254.169.254]", "[§\"[2001:db8::1]\"]", "f:§: pops.one.upstreams.up.neighbors[0]: '[2001:db8::1]' has no port")]
    [InlineData("[169.254.169.254]", "[169.254.169.254, §169.254.169.254:179]", "f:§: pops.one.upstreams.up.neighbors[1]: '169.254.169.254:179' is given twice")]
    [InlineData("edges: [one1],", "edges: [one1, §two1],", "f:§: pops.one.upstreams.up.edges[1]: 'two1' is not an edge of this PoP")]
    [InlineData("families: [ipv6, ipv4]", "families: [ipv6, §ipv6]", "f:§: pops.one.upstreams.up.families[1]: 'ipv6' is given twice")]
    [InlineData("hold-time: 9s", "hold-time: §2s", "f:§: pops.one.upstreams.up.hold-time: '2s' is too short")]
    [InlineData("multihop: 2", "multihop: §0", "f:§: pops.one.upstreams.up.multihop: '0' is out of range")]
    [InlineData("multihop: 2", "multihop: 2, ttl-security: §true", "f:§: pops.one.upstreams.up.ttl-security: 'true' is for neighbours on the same link, and multihop says that they are not")]
    [InlineData("no-export: true", "no-export: true, ixp-only: §true", "f:§: pops.one.upstreams.up.ixp-only: 'true' passes the route on at exchanges, and no-export does not pass it on at all")]
    [InlineData("password-file: /etc", "password-file: §etc", "f:§: pops.one.upstreams.up.password-file: 'etc/cdn/bgp' is not an absolute path")]
    [InlineData("\"20473:6001\"", "§\"20473:66000\"", "f:§: pops.one.upstreams.up.communities[0]: '20473:66000' is not a community")]
    [InlineData("no-export: [\"{neighbor}:0\"]", "no-export: [§\"0:{asn}\"]", "f:§: providers.mine.no-export[0]: '0:{asn}' speaks of a carrier, and no carrier is meant here")]
    [InlineData("prepend-1: [\"1:{asn}\"]", "prepend-1: [§\"1:{as}\"]", "f:§: providers.mine.each-carrier.prepend-1[0]: '1:{as}' is not a community")]
    [InlineData("carriers: { 174: { withdraw", "carriers: { §AS174: { withdraw", "f:§: providers.mine.carriers.AS174: 'AS174' is not a number: leave out the AS before it")]
    [InlineData("date: 2026-01-31", "date: §2026-02-31", "f:§: providers.mine.date: '2026-02-31' is not a date")]
    [InlineData("prepend: 1, carriers", "prepend: §6, carriers", "f:§: pops.one.upstreams.up.prepend: '6' is out of range")]
    [InlineData("prepend: 1, withdraw", "prepend: §-1, withdraw", "f:§: pops.one.upstreams.up.carriers.cogent.prepend: '-1' is out of range")]
    [InlineData("prepend: 1, withdraw", "prepend: §two, withdraw", "f:§: pops.one.upstreams.up.carriers.cogent.prepend: 'two' is not a whole number in range")]
    [InlineData("{ cogent: { asn: 174", "{ lumen: { asn: 174 }, cogent: { asn: §174", "f:§: pops.one.upstreams.up.carriers.cogent.asn: '174' is the AS number of carrier lumen too")]
    // Hosts.
    [InlineData("hosts: [other.example.net]", "hosts: [§WWW.example.net]", "f:§: sites.other.hosts[0]: 'WWW.example.net' is given twice, first in line 16")]
    [InlineData("hosts: [other.example.net]", "hosts: [§\"*\"]", "f:§: sites.other.hosts[0]: '*' covers every host: name the hosts of the site, or *. and a domain")]
    [InlineData("hosts: [other.example.net]", "hosts: [§a.*.example.net]", "f:§: sites.other.hosts[0]: 'a.*.example.net' has a * that is not its whole first label")]
    [InlineData("hosts: [other.example.net]", "hosts: [§a_b.example.net]", "f:§: sites.other.hosts[0]: 'a_b.example.net' has a character that is no letter, digit or hyphen")]
    [InlineData("hosts: [other.example.net]", "hosts: [§-a.example.net]", "f:§: sites.other.hosts[0]: '-a.example.net' has a label that begins or ends with a hyphen")]
    [InlineData("hosts: [other.example.net]", "hosts: [§a..example.net]", "f:§: sites.other.hosts[0]: 'a..example.net' has an empty label")]
    [InlineData("hosts: [other.example.net]", "hosts: [§example.net.]", "f:§: sites.other.hosts[0]: 'example.net.' ends with a dot: leave it out")]
    [InlineData("hosts: [other.example.net]", "hosts: [§\"example.net:80\"]", "f:§: sites.other.hosts[0]: 'example.net:80' has a port or is an IPv6 address: give the host name alone")]
    [InlineData("hosts: [other.example.net]", "hosts: [§\"https://example.net\"]", "f:§: sites.other.hosts[0]: 'https://example.net' is a URL: give the host name alone")]
    [InlineData("hosts: [other.example.net]", "hosts: [§bücher.example.net]", "f:§: sites.other.hosts[0]: 'bücher.example.net' is not ASCII: write xn--bcher-kva.example.net")]
    [InlineData("hosts: [other.example.net]", "hosts: [§xn--zzzzzzzz99.example.net]", "f:§: sites.other.hosts[0]: 'xn--zzzzzzzz99.example.net' has a label after xn-- that is not valid Punycode")]
    [InlineData("hosts: [other.example.net]", "hosts: [§10.0.0.300]", "f:§: sites.other.hosts[0]: '10.0.0.300' is neither a host name nor a complete IPv4 address")]
    [InlineData("hosts: [other.example.net]", "hosts: §other.example.net", "f:§: sites.other.hosts: 'other.example.net' is a single value, not a list")]
    // Origins.
    [InlineData("\"http://origin.example.org:8080\"", "§\"ftp://origin.example.org\"", "f:§: sites.other.origins[0].url: 'ftp://origin.example.org' is neither http nor https")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"origin.example.org\"", "f:§: sites.other.origins[0].url: 'origin.example.org' is not a URL")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://u:p@origin.example.org\"", "f:§: sites.other.origins[0].url: 'http://u:p@origin.example.org' has a user name or password")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://origin.example.org/app\"", "f:§: sites.other.origins[0].url: 'http://origin.example.org/app' has a path, query or fragment, which would not be used: visitors' paths go to the origin as they are")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://origin.example.org?a\"", "f:§: sites.other.origins[0].url: 'http://origin.example.org?a' has a path, query or fragment, which would not be used: visitors' paths go to the origin as they are")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://192.168.0.1\"", "f:§: sites.other.origins[0].url: 'http://192.168.0.1' is on a loopback, private or other special-purpose address")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://0x7f.1\"", "f:§: sites.other.origins[0].url: 'http://0x7f.1' is on a loopback, private or other special-purpose address")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://[::ffff:10.0.0.1]\"", "f:§: sites.other.origins[0].url: 'http://[::ffff:10.0.0.1]' is on a loopback, private or other special-purpose address")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://localhost:8080\"", "f:§: sites.other.origins[0].url: 'http://localhost:8080' is on a loopback, private or other special-purpose address")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"https://a.static.example.net\"", "f:§: sites.other.origins[0].url: 'https://a.static.example.net' is a host of this CDN: requests would go round in a circle")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://[fe80::1%25eth0]\"", "f:§: sites.other.origins[0].url: 'http://[fe80::1%25eth0]' is not a URL")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http:origin.example.org\"", "f:§: sites.other.origins[0].url: 'http:origin.example.org' is not a URL")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://origin.example.org:0\"", "f:§: sites.other.origins[0].url: 'http://origin.example.org:0' has no valid port")]
    [InlineData("\"http://origin.example.org:8080\"", "§\"http://origin_1.example.org\"", "f:§: sites.other.origins[0].url: 'http://origin_1.example.org' has a character that is no letter, digit or hyphen")]
    [InlineData("host-header: www.example.net", "host-header: §\"www.example.net:0\"", "f:§: sites.www.origins[0].host-header: 'www.example.net:0' has no valid port after the colon")]
    [InlineData("protocol: http2", "protocol: §http3", "f:§: sites.www.origins[0].protocol: 'http3' is not a choice here")]
    [InlineData("connect-timeout: 3s", "connect-timeout: §3", "f:§: sites.www.origins[0].connect-timeout: '3' has no unit: write 3s, or ms, m, h, d")]
    [InlineData("connect-timeout: 3s", "connect-timeout: §0s", "f:§: sites.www.origins[0].connect-timeout: '0s' is too short")]
    [InlineData("connect-timeout: 3s", "connect-timeout: §3sec", "f:§: sites.www.origins[0].connect-timeout: '3sec' has an unknown unit: write ms, s, m, h or d")]
    [InlineData("connect-timeout: 3s", "connect-timeout: §fast", "f:§: sites.www.origins[0].connect-timeout: 'fast' is not a duration: write a whole number and a unit, for example 30s")]
    [InlineData("connect-timeout: 3s", "connect-timeout: §99999999999999d", "f:§: sites.www.origins[0].connect-timeout: '99999999999999d' is too long")]
    [InlineData("connect-timeout: 3s", "connect-timeout: §9999999999999999999d", "f:§: sites.www.origins[0].connect-timeout: '9999999999999999999d' is out of range")]
    [InlineData("max-connections: 100", "max-connections: §0", "f:§: sites.www.origins[0].max-connections: '0' is out of range")]
    // Cache.
    [InlineData("default-ttl: 1m", "§default_ttl: 1m", "f:§: sites.www.cache.default_ttl: is not a known key; did you mean default-ttl?")]
    [InlineData("default-ttl: 1m", "default-ttl: §366d", "f:§: sites.www.cache.default-ttl: '366d' is too long")]
    [InlineData("max-object: 32MiB", "max-object: §2GiB", "f:§: sites.www.cache.max-object: '2GiB' is more than any edge's memory: such an object could never be stored")]
    [InlineData("path: \"/static/*\"", "path: §\"static/*\"", "f:§: sites.www.cache.rules[0].path: 'static/*' does not begin with /")]
    [InlineData("path: \"/static/*\"", "path: §\"/*/static\"", "f:§: sites.www.cache.rules[0].path: '/*/static' has a * that is not at its end")]
    [InlineData("path: \"/static/*\"", "path: §\"/static?a\"", "f:§: sites.www.cache.rules[0].path: '/static?a' has a query or fragment: rules look at the path alone")]
    [InlineData("path: \"/static/*\"", "path: §\"/a b\"", "f:§: sites.www.cache.rules[0].path: '/a b' has a character that must be percent-encoded in a path")]
    [InlineData("[css, js]", "[§.css, js]", "f:§: sites.www.cache.rules[0].extensions[0]: '.css' begins with a dot: leave it out")]
    [InlineData("[css, js]", "§css", "f:§: sites.www.cache.rules[0].extensions: 'css' is a single value, not a list")]
    [InlineData("[css, js]", "[css, §CSS]", "f:§: sites.www.cache.rules[0].extensions[1]: 'CSS' has upper-case letters: write lower case")]
    [InlineData("path: \"/api/*\", bypass: true", "path: \"/api/*\", bypass: true, ttl: 5s", "f:26:11: sites.www.cache.rules[1]: has a ttl for what bypass never stores")]
    [InlineData("{ path: \"/api/*\", bypass: true }", "{}", "f:26:11: sites.www.cache.rules[1]: says nothing")]
    [InlineData("path: \"/static/*\", extensions: [css, js]", "path: \"/a*\"", "f:26:11: sites.www.cache.rules[1]: never applies: the rule in line 25 matches all that it matches")]
    [InlineData("path: \"/api/*\", bypass", "path: \"/static/a*\", extensions: [js], bypass", "f:26:11: sites.www.cache.rules[1]: never applies: the rule in line 25 matches all that it matches")]
    [InlineData("content-types: [\"image/*\", text/css]", "content-types: [§\"*/*\"]", "f:§: sites.www.cache.rules[2].content-types[0]: '*/*' is not a content type")]
    [InlineData("content-types: [\"image/*\", text/css]", "content-types: [§text]", "f:§: sites.www.cache.rules[2].content-types[0]: 'text' is not a content type")]
    [InlineData("\"200\", 4xx", "§\"100\", 4xx", "f:§: sites.www.cache.rules[2].statuses[0]: '100' is not a status")]
    [InlineData("\"200\", 4xx", "§20x, 4xx", "f:§: sites.www.cache.rules[2].statuses[0]: '20x' is not a status")]
    [InlineData("min-ttl: 5m, max-ttl: 7d", "min-ttl: 8d, max-ttl: 7d", "f:27:11: sites.www.cache.rules[2]: has a min-ttl above its max-ttl")]
    [InlineData("min-ttl: 5m, max-ttl: 7d", "ttl: 5m, max-ttl: 7d", "f:27:11: sites.www.cache.rules[2]: has a ttl and bounds of it")]
    [InlineData("min-ttl: 5m, max-ttl: 7d", "bypass: true", "f:27:11: sites.www.cache.rules[2]: says how to store what bypass never stores")]
    [InlineData("min-ttl: 5m, max-ttl: 7d", "bypass-cookies: [a]", "f:27:11: sites.www.cache.rules[2]: looks at the response, and says what must be known before")]
    [InlineData("browser-ttl: 1h", "browser-ttl: §1500ms", "f:§: sites.www.cache.rules[2].browser-ttl: '1500ms' is not a whole number of seconds")]
    [InlineData("bypass-cookies: [session]", "bypass-cookies: [§\"a=b\"]", "f:§: sites.www.cache.rules[3].bypass-cookies[0]: 'a=b' is not a cookie's name")]
    [InlineData("bypass-headers: [x-preview]", "bypass-headers: [§\"a b\"]", "f:§: sites.www.cache.rules[3].bypass-headers[0]: 'a b' is not a field's name")]
    [InlineData("ttl: 5m, override-origin", "override-origin", "f:28:11: sites.www.cache.rules[3]: overrides the origin and has no lifetime of its own")]
    [InlineData("query: only, query-names: [page]", "query: only", "f:28:137: sites.www.cache.rules[3].key: does not say which parameters")]
    [InlineData("query: drop, query-names: [\"utm_*\", fbclid]", "query-names: [\"utm_*\"]", "f:29:7: sites.www.cache.key: has query-names that nothing uses")]
    [InlineData("\"utm_*\", fbclid", "§\"*\", fbclid", "f:§: sites.www.cache.key.query-names[0]: '*' is every parameter: choose query: ignore or keep")]
    [InlineData("\"utm_*\", fbclid", "§\"a&b\", fbclid", "f:§: sites.www.cache.key.query-names[0]: 'a&b' is not a parameter's name")]
    [InlineData("\"utm_*\", fbclid", "§\"*_x\", fbclid", "f:§: sites.www.cache.key.query-names[0]: '*_x' has a * that is not at its end")]
    [InlineData("headers: [x-country]", "headers: [§Host]", "f:§: sites.www.cache.key.headers[0]: 'Host' is a field that this CDN handles itself and cannot be part of the key")]
    [InlineData("headers: [x-country]", "headers: [§if-none-match]", "f:§: sites.www.cache.key.headers[0]: 'if-none-match' is a field that this CDN handles itself and cannot be part of the key")]
    // Health, failover, limits.
    [InlineData("priority: 2", "priority: §0", "f:§: sites.www.origins[0].priority: '0' is out of range")]
    [InlineData("weight: 3", "weight: §101", "f:§: sites.www.origins[0].weight: '101' is out of range")]
    [InlineData("path: \"/health?deep\"", "path: §\"health\"", "f:§: sites.www.origins[0].health.path: 'health' does not begin with /")]
    [InlineData("path: \"/health?deep\"", "path: §\"/a#b\"", "f:§: sites.www.origins[0].health.path: '/a#b' has a fragment, which is never sent")]
    [InlineData("path: \"/health?deep\"", "path: §\"/a b\"", "f:§: sites.www.origins[0].health.path: '/a b' has a character that must be percent-encoded in a path")]
    [InlineData("interval: 10s", "interval: §10ms", "f:§: sites.www.origins[0].health.interval: '10ms' is too short")]
    [InlineData("204-206", "§206-204", "f:§: sites.www.origins[0].health.expect[1]: '206-204' ends before it begins")]
    [InlineData("204-206", "§2xx", "f:§: sites.www.origins[0].health.expect[1]: '2xx' is neither a status nor a range of them")]
    [InlineData("204-206", "§100-206", "f:§: sites.www.origins[0].health.expect[1]: '100-206' is neither a status nor a range of them")]
    [InlineData("attempts: 2", "attempts: §17", "f:§: sites.www.failover.attempts: '17' is out of range")]
    [InlineData("max-back-off: 20s", "max-back-off: §1s", "f:§: sites.www.failover.max-back-off: '1s' is shorter than back-off")]
    [InlineData("back-off: 2s, max-back-off: 20s", "back-off: §40s", "f:§: sites.www.failover.back-off: '40s' is longer than max-back-off")]
    [InlineData("after: 90s", "after: §5s", "f:§: sites.www.when-cut-off.after: '5s' is too short")]
    [InlineData("after: 90s", "after: §31d", "f:§: sites.www.when-cut-off.after: '31d' is too long")]
    [InlineData("policy: revalidate", "policy: §purge", "f:§: sites.www.when-cut-off.policy: 'purge' is not a choice here")]
    [InlineData("max-url: 2KiB", "max-url: §9KiB", "f:§: sites.www.limits.max-url: '9KiB' is too large")]
    [InlineData("client-rate: 50", "client-rate: §0", "f:§: sites.www.limits.client-rate: '0' is out of range")]
    [InlineData("client-rate: 50, ", "", "f:42:5: sites.www.limits: has a client-burst and no client-rate")]
    // Shield, scope, TLS.
    [InlineData("shield: one", "shield: §three", "f:§: sites.www.shield: 'three' is not a PoP of this file")]
    [InlineData("coalescing: cluster", "coalescing: §global", "f:§: sites.www.coalescing: 'global' is not a choice here")]
    [InlineData("certificate: /etc/cdn/www.pem", "certificate: §www.pem", "f:§: sites.www.tls.certificate: 'www.pem' is not an absolute path")]
    [InlineData(", key: /etc/cdn/www.key", "", "f:34:5: sites.www.tls.key: is missing")]
    // Redirects, headers, error pages.
    [InlineData("tls: { certificate: /etc/cdn/www.pem, key: /etc/cdn/www.key }\n    https-redirect: true", "https-redirect: §true", "f:§: sites.www.https-redirect: 'true' sends visitors to https, and the site has no certificate")]
    [InlineData("to: \"https://new.example.net/*\"", "to: §\"https://new.example.net*\"", "f:§: sites.www.redirects[0].to: 'https://new.example.net*' has a * in its host: write https://host/*")]
    [InlineData("to: \"https://new.example.net/*\"", "to: §\"//new.example.net/*\"", "f:§: sites.www.redirects[0].to: '//new.example.net/*' begins with //, which is another host")]
    [InlineData("to: \"https://new.example.net/*\"", "to: §\"javascript:alert(1)\"", "f:§: sites.www.redirects[0].to: 'javascript:alert(1)' is neither a path nor an http or https URL")]
    [InlineData("to: \"https://new.example.net/*\"", "to: §\"/a\\r\\nX: y\"", "f:§: sites.www.redirects[0].to: '/a\\u000d\\u000aX: y' has a character that cannot stand in a URL")]
    [InlineData("to: \"/b?c=d\"", "to: §\"/b/*\"", "f:§: sites.www.redirects[1].to: '/b/*' has a * that nothing stands for: path has none")]
    [InlineData("status: 308", "status: §303", "f:§: sites.www.redirects[0].status: '303' is not a choice here")]
    [InlineData("set: X-Origin-Key", "set: §Transfer-Encoding", "f:§: sites.www.request-headers[0].set: 'Transfer-Encoding' is a field that this CDN handles itself")]
    [InlineData("set: X-Origin-Key", "set: §host", "f:§: sites.www.request-headers[0].set: 'host' is a field that this CDN handles itself")]
    [InlineData("set: X-Origin-Key", "set: §CDN-Peer-From", "f:§: sites.www.request-headers[0].set: 'CDN-Peer-From' is a field that this CDN handles itself")]
    [InlineData("set: X-Origin-Key", "set: §\"X:Y\"", "f:§: sites.www.request-headers[0].set: 'X:Y' is not a field's name")]
    [InlineData("value: \"k ${client-ip}\"", "value: §\"a\\r\\nX: y\"", "f:§: sites.www.request-headers[0].value: 'a\\u000d\\u000aX: y' has characters that cannot stand in a header field")]
    [InlineData("value: \"k ${client-ip}\"", "value: §\"${cookie}\"", "f:§: sites.www.request-headers[0].value: '${cookie}' has a variable that is not known here")]
    [InlineData("value: DENY", "value: §\"${client-ip}\"", "f:§: sites.www.response-headers[0].value: '${client-ip}' has a variable that is not known here")]
    [InlineData("set: X-Frame-Options", "set: §Cache-Status", "f:§: sites.www.response-headers[0].set: 'Cache-Status' is a field that this CDN handles itself")]
    [InlineData("set: X-Frame-Options", "set: §content-length", "f:§: sites.www.response-headers[0].set: 'content-length' is a field that this CDN handles itself")]
    [InlineData(", value: DENY", "", "f:38:24: sites.www.response-headers[0]: has no value")]
    [InlineData("{ remove: Server }", "{ remove: Server, value: x }", "f:38:108: sites.www.response-headers[2]: has a value for what is removed")]
    [InlineData("{ remove: Server }", "{ remove: Server, set: Server, value: x }", "f:38:108: sites.www.response-headers[2]: does not say one thing to do")]
    [InlineData("statuses: [5xx", "statuses: [§2xx", "f:§: sites.www.error-pages[0].statuses[0]: '2xx' is not the status of an error")]
    [InlineData("body: \"<h1>Sorry</h1>\"", "body: §\"\"", "f:§: sites.www.error-pages[0].body: '' is empty or too long")]
    // DNS.
    [InlineData("name: cdn.example.net", "name: §\"*.example.net\"", "f:§: dns.zones[0].name: '*.example.net' has a * that is not its whole first label")]
    [InlineData("ttl: 30s, steered", "ttl: §1500ms, steered", "f:§: dns.zones[0].ttl: '1500ms' is not a whole number of seconds")]
    [InlineData("[\"@\", www]", "[§www.cdn.example.net]", "f:§: dns.zones[0].steered[0]: 'www.cdn.example.net' repeats the zone's name: write www")]
    [InlineData("[\"@\", www]", "[www, §WWW]", "f:§: dns.zones[0].steered[1]: 'WWW' is given twice")]
    [InlineData(", dns: \"[::]:53\"", "", "f:48:1: dns: has zones, and no edge listens for DNS")]
    [InlineData("steered: [\"@\", www] }", "steered: [\"@\"] }\n    - { name: §cdn.example.net, nameservers: [ns1.example.net] }", "f:§: dns.zones[1].name: 'cdn.example.net' is given twice, first in line 50")]
    // Keys.
    [InlineData("shield: one", "§sheild: one", "f:§: sites.www.sheild: is not a known key; did you mean shield?")]
    [InlineData("shield: one", "§quorum: one", "f:§: sites.www.quorum: is not a known key")]
    [InlineData("latitude: 52.23", "§latitud: 52.23", "f:§: pops.one.location.latitud: is not a known key; did you mean latitude?")]
    [InlineData("coalescing: cluster", "coalescing: cluster\n    §coalescing: pop", "f:§: sites.www.coalescing: is given twice, first in line 33")]
    [InlineData("shield: one", "§[a, b]: one", "f:§: sites.www: a list or a mapping stands where a key should")]
    public void A_mistake_brings_its_error_and_no_other(string old, string @new, string expected)
    {
        // § stands before the offending place: its line and column are counted here, independently of the reader.
        string marked = SampleFile.After(old, @new);
        int at = marked.IndexOf('§', StringComparison.Ordinal);
        string place = at < 0 ? "" : $"{marked[..at].Count(c => c == '\n') + 1}:{at - marked.LastIndexOf('\n', at)}";

        Assert.Equal([expected.Replace("§", place, StringComparison.Ordinal)], SampleFile.Errors(marked.Replace("§", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("default-ttl: 1m", "default-ttl: 0")]
    [InlineData("default-ttl: 1m", "default-ttl: 0s")]
    [InlineData("http: \"[::]:80\", https: \"[::]:443\"", "http: \"127.0.0.1:0\", https: \"127.0.0.1:0\"")]
    [InlineData("admin: \"127.0.0.1:9180\"", "admin: \"100.64.0.1:9180\"")]
    [InlineData("admin: \"127.0.0.1:9180\"", "admin: \"[fd00::1]:9180\"")]
    [InlineData("https: \"[::]:443\"", "https: \"192.0.2.1:443\"")]
    [InlineData("url: \"http://origin.example.org:8080\"", "url: \"http://127.0.0.1:8080\", allow-private: true")]
    [InlineData("http://origin.example.org:8080", "https://[2a00::1]:8443/")]
    [InlineData("hosts: [other.example.net]", "hosts: [localhost, 127.0.0.1, \"*.localhost\", xn--bcher-kva.example.net, r4---sn.example.net]")]
    [InlineData("shield: one", "shield: none")]
    [InlineData("2001:db8:1000::/48", "2001:db8:1000::/48, 2001:db8::/32, 192.0.2.0/24, 8.0.0.0/8")]
    [InlineData("path: \"/api/*\", bypass: true", "path: \"/static/*\"")]
    [InlineData("name: First", "name: \"Łódź – 1\"")]
    public void What_is_unusual_but_right_passes(string old, string @new) =>
        Assert.Empty(SampleFile.Errors(SampleFile.After(old, @new)));

    [Fact]
    public void A_wrong_id_is_no_second_error_where_it_is_referred_to()
    {
        string yaml = SampleFile.Yaml.Replace("  one:", "  One:", StringComparison.Ordinal).Replace("shield: one", "shield: One", StringComparison.Ordinal);

        Assert.Equal(["f:3:3: pops.One: 'One' is not an id"], SampleFile.Errors(yaml));
    }

    [Fact]
    public void Hosts_are_kept_in_lower_case()
    {
        CdnConfig config = ConfigReader.Read(SampleFile.Yaml.Replace("other.example.net", "OTHER.Example.NET", StringComparison.Ordinal)).Config!;

        Assert.Equal("other.example.net", Assert.Single(config.FindSite("other")!.Hosts));
    }

    /// <summary>What an error says is allowed is what a reader needs to mend it.</summary>
    [Fact]
    public void Every_error_of_a_value_says_what_is_allowed()
    {
        ConfigReadResult result = ConfigReader.Read(SampleFile.Yaml.Replace("grace: 10m", "grace: 10", StringComparison.Ordinal));

        Assert.Equal("a duration from 0s to 30d", Assert.Single(result.Errors).Allowed);
    }
}
