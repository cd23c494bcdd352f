using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>A valid file that says something for every key.</summary>
internal static class SampleFile
{
    public const string Yaml = """
        cluster: { name: sample, asn: 64500, prefixes: [2001:db8:1000::/48], failover: { floor: 2, fall: 2, first-rise: 2, rise: 20, drain: 2s, connections: 10s, warm-up: 5s, rescue-after: 20s, suspect-within: 30s, voluntary-gap: 10s, damping: { per-withdrawal: 900, per-change: 400, half-life: 10m, hold-from: 1400, release-below: 700, max-hold: 30m } } }
        pops:
          one:
            name: First
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges:
              - { name: one1, http: "[::]:80", https: "[::]:443", peer: "192.0.2.10:8443", admin: "127.0.0.1:9180", dns: "[::]:53", addresses: [192.0.2.10, "2001:db8::10"], memory: 1GiB, disk: { path: /var/cache/cdn, size: 10GiB } }
            upstreams: { ix: { kind: route-server, provider: mine, asn: 64516, neighbors: ["[2001:db8::1]:1179"], ttl-security: true, ixp-only: true },
              up: { kind: peer, provider: vultr, asn: 64515, neighbors: [169.254.169.254], announce: false, prepend: 1, carriers: { cogent: { asn: 174, prepend: 1, withdraw: true } }, edges: [one1], families: [ipv6, ipv4], hold-time: 9s, multihop: 2, password-file: /etc/cdn/bgp, no-export: true, communities: ["20473:6001", "64500:1:2", "rt:64500:3"] } }
          two:
            location: { latitude: -33.9, longitude: 151.2, country: AU, continent: OC }
            edges:
              - { name: two1, http: "[::]:80" }
            upstreams: { up: { asn: 64517, neighbors: [192.0.2.2] } }
          far: { id-prefix: "2001:db8:1000:a::/64", location: { latitude: 0, longitude: 0, country: GH, continent: AF }, edges: [{ name: far1, http: "[::]:80" }], upstreams: { up: { asn: 64518, neighbors: [192.0.2.3] } } }
        sites:
          www:
            hosts: [www.example.net, "*.static.example.net"]
            origins:
              - { url: "https://origin.example.net", host-header: www.example.net, protocol: http2, allow-private: true, connect-timeout: 3s, first-byte-timeout: 30s, between-bytes-timeout: 20s, max-connections: 100, priority: 2, weight: 3, health: { path: "/health?deep", interval: 10s, timeout: 1s, expect: [200, 204-206], host: check.example.net, healthy-after: 3, unhealthy-after: 5 } }
            cache:
              default-ttl: 1m
              grace: 10m
              max-object: 32MiB
              set-cookie: strip
              rules:
                - { path: "/static/*", extensions: [css, js], ttl: 1d }
                - { path: "/api/*", bypass: true }
                - { content-types: ["image/*", text/css], statuses: ["200", 4xx], min-ttl: 5m, max-ttl: 7d, browser-ttl: 1h }
                - { path: "/shop/*", bypass-cookies: [session], bypass-headers: [x-preview], ttl: 5m, override-origin: true, set-cookie: strip, key: { query: only, query-names: [page], sort-query: true, cookies: [currency], headers: [x-device], forward-cookies: false } }
              key: { query: drop, query-names: ["utm_*", fbclid], sort-query: true, cookies: [region], headers: [x-country], forward-cookies: false }
              healthy-grace: 5s
              no-vary-search: true
            shield: one
            coalescing: cluster
            tls: { certificate: /etc/cdn/www.pem, key: /etc/cdn/www.key }
            https-redirect: true
            redirects: [{ path: "/old/*", to: "https://new.example.net/*", status: 308, keep-query: false }, { path: /a, to: "/b?c=d" }]
            request-headers: [{ set: X-Origin-Key, value: "k ${client-ip}" }, { add: X-Via-Pop, value: "${pop}" }, { remove: X-Debug }]
            response-headers: [{ set: X-Frame-Options, value: DENY }, { add: X-Served-By, value: "${pop} $5 {}" }, { remove: Server }]
            compression: { content-types: ["text/*", application/json], min-size: 2KiB }
            error-pages: [{ statuses: [5xx, "404"], body: "<h1>Sorry</h1>", content-type: text/plain, replace-origin: true }]
            failover: { attempts: 2, total-timeout: 30s, trip-after: 9, back-off: 2s, max-back-off: 20s }
            limits: { max-body: 10MiB, max-url: 2KiB, max-header: 8KiB, client-rate: 50, client-burst: 100, client-concurrency: 20, concurrency: 1000 }
            debug-key: 0123456789abcdef-sample
            when-cut-off: { after: 90s, policy: revalidate }
          other:
            hosts: [other.example.net]
            origins: [{ url: "http://origin.example.org:8080" }]
        dns:
          zones:
            - { name: cdn.example.net, nameservers: [ns1.example.net, ns2.example.net], ttl: 30s, steered: ["@", www, { name: where, random-id: true, explain: true }], hostmaster: dns.example.net, negative-ttl: 30s, serial: 2026112601, dnssec: true, records: "@ MX 10 mail.example.net.\n" }
            - { name: example.org, nameservers: [ns1.example.net], file: { path: zones/org.zone, text: "@ A 192.0.2.1\n" } }
          geo: { country: /var/lib/cdn/country.mmdb, asn: /var/lib/cdn/asn.mmdb }
          client-subnet: { ipv4: 20, ipv6: 48 }
          rate-limit: { responses: 20, slip: 3 }
          overrides: [{ prefix: "2001:db8:77::/48", pops: [far] }, { asn: 64500, pops: [far] }]
          rules:
            - { name: europe, cont: EU, result: far }
            - { name: us isp, cc: [US], regcc: [US, CA], asn: [7922], result: [far] }
            - { name: asia, cont: AS, result: "2001:db8:1000:a::/64" }
          default: [far]
        providers:
          mine:
            name: My exchange
            asn: 64516
            source: https://ix.example.net/communities
            date: 2026-01-31
            note: as its engineers say
            no-export: ["{neighbor}:0"]
            ixp-only: ["64516:1"]
            each-carrier: { withdraw: ["0:{asn}", "{neighbor}:0:{asn}"], prepend-1: ["1:{asn}"], prepend-2: ["2:{asn}"], prepend-3: ["3:{asn}"], prepend-4: ["4:{asn}"], prepend-5: ["5:{asn}"] }
            carriers: { 174: { withdraw: ["rt:0:{asn}"], prepend-1: ["1:1"], prepend-2: ["1:2"], prepend-3: ["1:3"], prepend-4: ["1:4"], prepend-5: ["1:5"] } }
            known: [{ community: "64516:7", meaning: lucky }]
        notifications:
          - { name: oncall, url: "https://hooks.example.net/cdn?a=b%20c", secret-file: /etc/cdn/oncall.secret, events: ["Session*", Drain], min-severity: warning, format: slack, timeout: 5s }
          - { name: local, url-file: /etc/cdn/local.url, events: Rollback, allow-private: true }
        """;

    public static CdnConfig Config => ConfigReader.Read(Yaml).Config!;

    /// <summary>The file after one edit.</summary>
    public static string After(string old, string @new)
    {
        int at = Yaml.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the sample has no: {old}");
        return string.Concat(Yaml.AsSpan(0, at), @new, Yaml.AsSpan(at + old.Length));
    }

    /// <summary>Errors as people see them, without what is allowed.</summary>
    public static string[] Errors(string yaml) =>
        [.. ConfigReader.Read(yaml).Errors.Select(error => ConfigErrorText.Format("f", error with { Allowed = null }))];
}
