using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class LimitsSection
{
    private const string Unlimited = "not limited";

    public static readonly ScalarKey<long> MaxBody = ScalarKey<long>.Optional(
        "max-body", Sizes.Between(0, ConfigLimits.MaxBodyBytes), Unlimited, "Of a request's body; larger ones are answered 413.");

    public static readonly ScalarKey<long> MaxUrl = ScalarKey<long>.Optional(
        "max-url", Sizes.Between(ConfigLimits.MinUrlBytes, ConfigLimits.MaxUrlBytes), "8KiB, the listeners' own", "Path and query; longer ones are answered 414.");

    public static readonly ScalarKey<long> MaxHeader = ScalarKey<long>.Optional(
        "max-header", Sizes.Between(ConfigLimits.MinHeaderBytes, ConfigLimits.MaxHeaderBytes), "32KiB, the listeners' own",
        "All header fields of a request; more is answered 431.");

    public static readonly ScalarKey<int> ClientRate = ScalarKey<int>.Optional(
        "client-rate", Numbers.Whole(1, ConfigLimits.MaxClientRate), Unlimited,
        "Requests a second of one client in the long run; more are answered 429.");

    public static readonly ScalarKey<int> ClientBurst = ScalarKey<int>.Optional(
        "client-burst", Numbers.Whole(1, ConfigLimits.MaxClientRate), "as many as `client-rate`",
        "Requests that one client may send at once after a pause.");

    public static readonly ScalarKey<int> ClientConcurrency = ScalarKey<int>.Optional(
        "client-concurrency", Numbers.Whole(1, ConfigLimits.MaxConcurrency), Unlimited,
        "Requests of one client under way at one time; more are answered 503.");

    public static readonly ScalarKey<int> Concurrency = ScalarKey<int>.Optional(
        "concurrency", Numbers.Whole(1, ConfigLimits.MaxConcurrency), Unlimited,
        "Requests of the site under way at one time; more are answered 503.");

    public static readonly KeyTable Table = new(
        "sites.ID.limits", [MaxBody, MaxUrl, MaxHeader, ClientRate, ClientBurst, ClientConcurrency, Concurrency]);

    public static LimitsConfig Bind(MapReader keys)
    {
        Found<int> rate = keys.Read(ClientRate);
        Found<int> burst = keys.Read(ClientBurst);
        if (burst.Given && rate is { Valid: true, Node: null } && !keys.HasUnknownKeys)
        {
            keys.Report("has a client-burst and no client-rate", "both, or client-rate alone");
        }

        return new LimitsConfig
        {
            MaxBodyBytes = Given(keys.Read(MaxBody)),
            MaxUrlBytes = Given(keys.Read(MaxUrl)),
            MaxHeaderBytes = Given(keys.Read(MaxHeader)),
            ClientRate = Given(rate),
            ClientBurst = Given(burst),
            ClientConcurrency = Given(keys.Read(ClientConcurrency)),
            Concurrency = Given(keys.Read(Concurrency)),
        };
    }

    private static T? Given<T>(Found<T> found)
        where T : struct => found.Given ? found.Value : null;
}
