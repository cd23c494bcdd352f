using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class FailoverSection
{
    public static readonly ScalarKey<int> Attempts = ScalarKey<int>.May(
        "attempts", Numbers.Whole(1, ConfigLimits.OriginsPerSite), ConfigDefaults.FailoverAttempts,
        "Origins that are asked for one request, the first included. None is asked twice.");

    public static readonly ScalarKey<TimeSpan> TotalTimeout = ScalarKey<TimeSpan>.May(
        "total-timeout", Durations.Between(ConfigLimits.MinTimeout, ConfigLimits.MaxReadTimeout), ConfigDefaults.FailoverTotalTimeout,
        "No further origin is asked after it, and the second and later ones have until then to begin an answer.");

    public static readonly ScalarKey<int> TripAfter = ScalarKey<int>.May(
        "trip-after", Numbers.Whole(1, ConfigLimits.MaxTripAfter), ConfigDefaults.TripAfter,
        "Failures in a row after which an origin is passed over: no answer in time, no valid one, or 502, 503, 504.");

    public static readonly ScalarKey<TimeSpan> BackOff = ScalarKey<TimeSpan>.May(
        "back-off", Durations.Between(ConfigLimits.MinBackOff, ConfigLimits.MaxBackOff), ConfigDefaults.BackOff,
        "How long it is passed over before one request tries it again; doubled each time that fails.");

    public static readonly ScalarKey<TimeSpan> MaxBackOff = ScalarKey<TimeSpan>.May(
        "max-back-off", Durations.Between(ConfigLimits.MinBackOff, ConfigLimits.MaxBackOff), ConfigDefaults.MaxBackOff,
        "The longest back-off.");

    public static readonly KeyTable Table = new("sites.ID.failover", [Attempts, TotalTimeout, TripAfter, BackOff, MaxBackOff]);

    public static FailoverConfig Bind(MapReader keys, FileFacts facts)
    {
        Found<TimeSpan> backOff = keys.Read(BackOff);
        Found<TimeSpan> maxBackOff = keys.Read(MaxBackOff);
        if (backOff.Valid && maxBackOff.Valid && backOff.Value > maxBackOff.Value && (maxBackOff.Node ?? backOff.Node) is { } node)
        {
            string problem = maxBackOff.Given ? "is shorter than back-off" : "is longer than max-back-off";
            facts.Errors.Add(node, problem, maxBackOff.Given ? $"at least {Durations.Format(backOff.Value)}" : $"at most {Durations.Format(maxBackOff.Value)}");
        }

        return new FailoverConfig
        {
            Attempts = keys.Read(Attempts).Value,
            TotalTimeout = keys.Read(TotalTimeout).Value,
            TripAfter = keys.Read(TripAfter).Value,
            BackOff = backOff.Value,
            MaxBackOff = maxBackOff.Value,
        };
    }
}
