using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>Compares intents by what they say. Pure.</summary>
internal static class IntentDiff
{
    /// <summary>Sorted by path; empty: both say the same.</summary>
    public static ImmutableArray<ConfigChange> Between(RouteIntent before, RouteIntent after)
    {
        SortedDictionary<string, string> old = Fields(before);
        SortedDictionary<string, string> now = Fields(after);
        return
        [
            .. old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
                .Select(path => new ConfigChange { Path = path, Before = old.GetValueOrDefault(path), After = now.GetValueOrDefault(path) })
                .Where(change => change.Before != change.After),
        ];
    }

    public static bool AreSame(RouteIntent one, RouteIntent other) => Between(one, other).IsEmpty;

    /// <summary>
    /// Takes back what turned <paramref name="before"/> into <paramref name="after"/>, part by part; a part that is another by now
    /// was somebody's later decision, and stays.
    /// </summary>
    public static RouteIntent Restore(RouteIntent current, RouteIntent before, RouteIntent after) => new()
    {
        Announce = Part(current.Announce, before.Announce, after.Announce),
        Prepend = Part(current.Prepend, before.Prepend, after.Prepend),
        NoExport = Part(current.NoExport, before.NoExport, after.NoExport),
        IxpOnly = Part(current.IxpOnly, before.IxpOnly, after.IxpOnly),
        GracefulShutdown = Part(current.GracefulShutdown, before.GracefulShutdown, after.GracefulShutdown),
        Communities = Text(current.Communities) == Text(after.Communities) ? before.Communities : current.Communities,
        Carriers = [.. Entries(current.Carriers, before.Carriers, after.Carriers, c => c.Asn, (one, other) => one == other).OrderBy(c => c.Asn)],
        Prefixes =
        [
            .. Entries(current.Prefixes, before.Prefixes, after.Prefixes, p => p.Prefix, (one, other) => Text(one) == Text(other))
                .OrderBy(p => p.Prefix.ToString(), StringComparer.Ordinal),
        ],
    };

    private static T? Part<T>(T? current, T? before, T? after)
        where T : struct => EqualityComparer<T?>.Default.Equals(current, after) ? before : current;

    private static IEnumerable<T> Entries<T, TKey>(
        ImmutableArray<T> current, ImmutableArray<T> before, ImmutableArray<T> after, Func<T, TKey> key, Func<T?, T?, bool> same)
        where T : class
        where TKey : notnull
    {
        Dictionary<TKey, T> now = current.ToDictionary(key), old = before.ToDictionary(key), set = after.ToDictionary(key);
        foreach (TKey k in now.Keys.Union(old.Keys))
        {
            T? entry = same(now.GetValueOrDefault(k), set.GetValueOrDefault(k)) ? old.GetValueOrDefault(k) : now.GetValueOrDefault(k);
            if (entry is not null)
            {
                yield return entry;
            }
        }
    }

    private static SortedDictionary<string, string> Fields(RouteIntent intent)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add("announce", intent.Announce?.ToString().ToLowerInvariant());
        Add("prepend", intent.Prepend?.ToString(CultureInfo.InvariantCulture));
        Add("no-export", intent.NoExport?.ToString().ToLowerInvariant());
        Add("ixp-only", intent.IxpOnly?.ToString().ToLowerInvariant());
        Add("graceful-shutdown", intent.GracefulShutdown?.ToString().ToLowerInvariant());
        Add("communities", Text(intent.Communities));
        foreach (CarrierIntent carrier in intent.Carriers)
        {
            Add(
                string.Create(CultureInfo.InvariantCulture, $"carriers.{carrier.Asn}"),
                string.Create(CultureInfo.InvariantCulture, $"prepend {carrier.Prepend}{(carrier.Withdraw ? ", withdraw" : "")}"));
        }

        foreach (PrefixIntent prefix in intent.Prefixes)
        {
            Add($"prefixes.{prefix.Prefix}", Text(prefix));
        }

        return fields;

        void Add(string path, string? value)
        {
            if (value is not null)
            {
                fields[path] = value;
            }
        }
    }

    private static string? Text(ImmutableArray<Community>? communities) =>
        communities is { } some ? "[" + string.Join(", ", some) + "]" : null;

    private static string? Text(PrefixIntent? prefix) => prefix is null ? null : string.Join(
        ", ",
        new[]
        {
            prefix.Announce switch { true => "announce", false => "withdraw", null => null },
            prefix.Prepend is { } prepend ? string.Create(CultureInfo.InvariantCulture, $"prepend {prepend}") : null,
            prefix.Communities.IsEmpty ? null : "communities " + string.Join(' ', prefix.Communities),
        }.OfType<string>());
}
