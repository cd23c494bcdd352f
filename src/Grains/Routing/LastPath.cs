using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <param name="Name"><c>POP/UPSTREAM</c>.</param>
/// <param name="Announces">Prefixes that it is to see.</param>
/// <param name="OnTheWire">Prefixes that an announcer says it sees.</param>
internal sealed record RoutePath(string Name, ImmutableHashSet<IPNetwork> Announces, ImmutableHashSet<IPNetwork> OnTheWire)
{
    public static RoutePath Of(string pop, string upstream, DesiredUpstream? desired, PopRoutes observed) => new(
        $"{pop}/{upstream}",
        [.. desired?.Routes.Select(r => r.Prefix) ?? []],
        [
            .. observed.Upstreams.Where(u => u.Upstream == upstream).SelectMany(u => u.Observed)
                .Where(o => o.Session.State == BgpState.Established).SelectMany(o => o.Session.Advertised).Select(r => r.Prefix),
        ]);
}

/// <summary>Whether a change leaves a prefix without any path. Pure.</summary>
internal static class LastPath
{
    /// <param name="paths">All upstreams of all PoPs as they are.</param>
    /// <param name="after">What upstreams that change see after it, by name.</param>
    /// <returns>Which prefixes would be gone and what is left, in words; empty: every prefix keeps a path.</returns>
    public static ImmutableArray<string> Lost(IReadOnlyList<RoutePath> paths, IReadOnlyDictionary<string, ImmutableHashSet<IPNetwork>> after)
    {
        var lost = ImmutableArray.CreateBuilder<string>();
        foreach (IPNetwork prefix in paths.SelectMany(p => p.Announces).Distinct().OrderBy(p => p.ToString(), StringComparer.Ordinal))
        {
            string[] takenFrom = [.. paths.Where(p => p.Announces.Contains(prefix) && !StillAnnounces(p)).Select(p => p.Name)];
            if (takenFrom.Length == 0)
            {
                continue;
            }

            RoutePath[] left = [.. paths.Where(StillAnnounces)];
            if (left.Length == 0)
            {
                lost.Add($"{prefix} would not be announced anywhere any more: {string.Join(", ", takenFrom)} {(takenFrom.Length == 1 ? "is its last path" : "are its last paths")}");
            }
            else if (paths.Any(p => takenFrom.Contains(p.Name) && p.OnTheWire.Contains(prefix)) && !left.Any(p => p.OnTheWire.Contains(prefix)))
            {
                lost.Add($"{prefix} is on the wire at {string.Join(", ", takenFrom)} alone; {string.Join(", ", left.Select(p => p.Name))} should announce it too, but no announcer says so");
            }

            bool StillAnnounces(RoutePath path) => after.TryGetValue(path.Name, out ImmutableHashSet<IPNetwork>? then) ? then.Contains(prefix) : path.Announces.Contains(prefix);
        }

        return lost.ToImmutable();
    }
}
