using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Tests;

internal static class Samples
{
    public const string Yaml = """
        cluster: { name: test }
        pops:
          waw:
            name: Warsaw
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges: [ { name: waw1, http: "192.0.2.1:80", admin: "127.0.0.1:9180" } ]
          lax:
            name: Los Angeles
            location: { latitude: 34.05, longitude: -118.24, country: US, continent: NA }
            edges: [ { name: lax1, http: "192.0.2.2:80" }, { name: lax2, http: "192.0.2.3:80" } ]
        sites:
          www:
            hosts: [www.example.net, "*.static.example.net"]
            origins: [ { url: "https://origin.example.net" } ]

        """;

    public const string SecondSite = """
          shop:
            hosts: [shop.example.net]
            origins: [ { url: "https://shop-origin.example.net" } ]

        """;

    public static ConfigVersionReply Version(string yaml, long version = 1) => new()
    {
        Info = new ConfigVersionInfo { Version = version, When = DateTimeOffset.UnixEpoch, Who = "ops", Changes = 3 },
        Yaml = yaml,
    };

    public static PurgeReply Purge(PurgeState state, params (string Pop, string Edge, bool Connected, bool Acknowledged)[] edges) => new()
    {
        Id = "p-1",
        Cursor = new PurgeCursor("e", 1),
        State = state,
        When = DateTimeOffset.UnixEpoch,
        Who = "ops",
        Pops =
        [
            .. edges.GroupBy(e => e.Pop).Select(g => new PurgePopState
            {
                Pop = g.Key,
                State = g.All(e => e.Acknowledged) ? PurgeState.Done : PurgeState.Partial,
                Edges =
                [
                    .. g.Select(e => new PurgeEdgeState
                    {
                        Edge = e.Edge, Connected = e.Connected, Acknowledged = e.Acknowledged, Milliseconds = e.Acknowledged ? 12 : null,
                    }),
                ],
            }),
        ],
    };
}
