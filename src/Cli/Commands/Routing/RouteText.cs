using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Cli.Commands.Routing;

/// <summary>Routes for people.</summary>
internal static class RouteText
{
    /// <summary><c>64500 64500, 64600:2914</c>; <c>withdrawn</c>.</summary>
    public static string Seen(SeenRoute route) =>
        !route.Announced ? "withdrawn" : route.Communities.IsEmpty ? route.AsPath : $"{route.AsPath}, {string.Join(' ', route.Communities)}";

    /// <summary>What is set beyond the config, shortly; empty: nothing.</summary>
    public static string Intent(RouteIntent intent)
    {
        var parts = new List<string>();
        Add(intent.Announce switch { true => "announce", false => "withdraw", null => null });
        Add(intent.Prepend is { } prepend ? string.Create(CultureInfo.InvariantCulture, $"prepend {prepend}") : null);
        Add(Switch("no-export", intent.NoExport));
        Add(Switch("ixp-only", intent.IxpOnly));
        Add(Switch("graceful-shutdown", intent.GracefulShutdown));
        Add(intent.Communities is { } communities ? (communities.IsEmpty ? "no communities" : "communities " + string.Join(' ', communities)) : null);
        foreach (CarrierIntent carrier in intent.Carriers)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"{carrier.Asn}: {(carrier.Withdraw ? "withdraw" : $"prepend {carrier.Prepend}")}"));
        }

        foreach (PrefixIntent prefix in intent.Prefixes)
        {
            string?[] said =
            [
                prefix.Announce switch { true => "announce", false => "withdraw", null => null },
                prefix.Prepend is { } times ? string.Create(CultureInfo.InvariantCulture, $"prepend {times}") : null,
                prefix.Communities.IsEmpty ? null : string.Join(' ', prefix.Communities),
            ];
            Add($"{prefix.Prefix}: {string.Join(' ', said.OfType<string>())}");
        }

        return string.Join("; ", parts);

        void Add(string? part)
        {
            if (part is not null)
            {
                parts.Add(part);
            }
        }
    }

    /// <summary>Null: at once, and for good.</summary>
    public static string? When(DateTimeOffset? from, DateTimeOffset? until) => (from, until) switch
    {
        (null, null) => null,
        ({ } begin, null) => $"From {Units.Time(begin)} on:",
        (null, { } end) => $"At once, and until {Units.Time(end)}:",
        ({ } begin, { } end) => $"From {Units.Time(begin)} until {Units.Time(end)}:",
    };

    /// <summary>Before and after, as the neighbours of each upstream see it.</summary>
    public static void WritePreview(CliHost host, ImmutableArray<RouteChangeAt> upstreams)
    {
        foreach (RouteChangeAt at in upstreams)
        {
            host.Out.WriteLine($"{at.Pop}/{at.Upstream}:");
            ChangeList.Write(host.Console, [.. at.Preview.Changes.Select(c => c with { Path = "  " + c.Path })]);
            foreach ((SeenRoute before, SeenRoute after) in at.Preview.Before.Zip(at.Preview.After))
            {
                host.Out.WriteLine(before.Equals(after)
                    ? $"    {after.Prefix}  sees as before  {Seen(after)}"
                    : $"    {after.Prefix}  sees now  {Seen(before)}\n    {new string(' ', after.Prefix.ToString().Length)}      then  {Seen(after)}");
            }

            foreach (string line in at.Preview.Explanation)
            {
                host.Out.WriteLine("    " + PlainText.Of(line));
            }
        }
    }

    public static bool ChangesNothing(RouteChangeReply preview) =>
        preview.Upstreams.All(u => u.Preview.Changes.IsEmpty && u.Preview.Before.AsSpan().SequenceEqual(u.Preview.After.AsSpan()));

    private static string? Switch(string name, bool? on) => on switch { true => name, false => name + " off", null => null };
}
