using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Health.Local;

/// <summary>
/// What of an edge needs a look although visitors are answered: each check with the numbers that it was judged by. They change from one look to
/// the next without a memory; who shows them waits until it has seen the same several times. Pure.
/// </summary>
internal static class EdgeChecks
{
    /// <summary>A config (1 MiB), a purge journal's rewrite and a log file; what is less is gone within a minute when something writes in a loop.</summary>
    public const long LeastFreeBytes = 256L << 20;

    /// <summary>Of a small file system, as a part of all: what ext4 keeps for root.</summary>
    public const double LeastFreeShare = 0.05;

    /// <summary>Beyond it a collection cannot be put off any more; the runtime's own threshold of high memory load.</summary>
    public const double MostResidentShare = 0.9;

    /// <summary>Below it the kernel is busy finding pages, and kills soon.</summary>
    public const double LeastAvailableShare = 0.05;

    /// <summary>Longer than any look at a disk that works: a spun-down disk or a network file system takes some seconds.</summary>
    public static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(10);

    /// <summary>Named in a line of evidence; of more only the number is told.</summary>
    private const int MaxNamed = 3;

    public static ImmutableArray<EdgeCheck> Of(EdgeFacts facts)
    {
        EdgeCheck?[] all =
        [
            Disk(facts), Memory(facts.Host.Memory), Certificates(facts.Certificates, facts.Now), Origins(facts.Origins), Silo(facts.Feed, facts.CutOff, facts.Now),
            Peers(facts.Reach), Dns(facts.Dns),
        ];
        return [.. all.OfType<EdgeCheck>()];
    }

    public static EdgeCheck Disk(EdgeFacts facts)
    {
        List<string> troubles = [];
        List<string> notes = [];
        if (facts.ControlTrouble is { } refused)
        {
            troubles.Add($"config and purges cannot be saved: {refused}");
        }

        EdgeDisk disk = facts.Disk;
        if (disk.State is EdgeDiskState.Failed or EdgeDiskState.ReadOnly)
        {
            string state = disk.State == EdgeDiskState.Failed ? "is not used" : "takes nothing new";
            troubles.Add($"the cache's disk {state}: {disk.Reason ?? "no reason is known"}");
        }
        else if (disk.State != EdgeDiskState.Off)
        {
            notes.Add($"cache {Size(disk.Bytes)} of {Size(disk.CapacityBytes)}{(disk.State == EdgeDiskState.Opening ? $", {disk.Reason ?? "being opened"}" : "")}");
        }

        if (facts.Host.Looking > SlowLook)
        {
            troubles.Add($"the file system has not answered for {Seconds(facts.Host.Looking.Value)}");
        }

        foreach (DiskSpace space in facts.Host.Spaces)
        {
            (IsFull(space) ? troubles : notes).Add($"{Size(space.Free)} of {Size(space.Total)} free at {space.Directory}");
        }

        return Judged("disk", troubles, notes, "nothing is kept on disk");
    }

    private static bool IsFull(DiskSpace space) => space.Free < Math.Min(LeastFreeBytes, (long)(space.Total * LeastFreeShare));

    public static EdgeCheck? Memory(MemoryFacts? memory)
    {
        if (memory is null)
        {
            return null;
        }

        List<string> troubles = [];
        List<string> notes = [];
        (memory.Resident > memory.Limit * MostResidentShare ? troubles : notes).Add($"{Size(memory.Resident)} of {Size(memory.Limit)} in use by the edge");
        if (memory.Available is { } available)
        {
            (available < memory.Limit * LeastAvailableShare ? troubles : notes).Add($"{Size(available)} available on the server");
        }

        return Judged("memory", troubles, notes, "");
    }

    public static EdgeCheck Certificates(ImmutableArray<CertificateStatus> certificates, DateTimeOffset now)
    {
        List<string> troubles = [];
        foreach (CertificateStatus certificate in certificates)
        {
            if (certificate.Problem is { } problem)
            {
                troubles.Add($"{certificate.Site}: {problem}");
            }
            else if (certificate.NotAfter is { } end && CertificateTerm.IsNear(end, now))
            {
                troubles.Add($"{certificate.Site}: {CertificateTerm.Words(end, now)}");
            }
        }

        DateTimeOffset? first = certificates.Min(certificate => certificate.NotAfter);
        string note = certificates.IsEmpty ? "no site has TLS" : $"{certificates.Length} certificates{(first is { } end1 ? $", the first {CertificateTerm.Words(end1, now)}" : "")}";
        return Judged("certificates", troubles, [note], note);
    }

    public static EdgeCheck Origins(ImmutableArray<OriginStatus> origins)
    {
        List<string> troubles = [];
        foreach (IGrouping<string, OriginStatus> site in origins.GroupBy(origin => origin.Site))
        {
            if (site.All(origin => origin.Health != OriginHealth.Healthy))
            {
                OriginStatus first = site.First();
                string why = (first.Health == OriginHealth.CheckFailed ? first.LastCheck : first.LastFailure) ?? "no reason is known";
                troubles.Add($"{site.Key}: {(site.Count() == 1 ? "its origin is" : $"all {site.Count()} origins are")} sick ({first.Origin}: {why})");
            }
        }

        int sick = origins.Count(origin => origin.Health != OriginHealth.Healthy);
        string note = sick == 0 ? $"all {origins.Length} origins are healthy" : $"{sick} of {origins.Length} origins are sick, every site has another";
        return Judged("origins", troubles, [note], note);
    }

    public static EdgeCheck Silo(FeedStatus feed, EdgeCutOff? cutOff, DateTimeOffset now)
    {
        TimeSpan since = now - feed.Since;
        string missing = cutOff is null ? "" : "; purges may be missing for longer than a site allows";
        return feed.State switch
        {
            FeedState.Standalone => new EdgeCheck("silo", true, "none: it runs from a file"),
            FeedState.Connected => new EdgeCheck("silo", cutOff is null, $"connected to {feed.Silo} for {Seconds(since)}{missing}"),
            _ => new EdgeCheck(
                "silo", cutOff is null && since <= FeedProtocol.SilenceLimit, $"none for {Seconds(since)}{(feed.LastEnd is { } end ? $": {end.Detail}" : "")}{missing}"),
        };
    }

    public static EdgeCheck? Peers(EdgeReach? reach) => reach is null ? null : Judged(
        "peers",
        reach.Silent.IsEmpty ? [] : [$"{Named(reach.Silent)} {(reach.Silent.Length == 1 ? "does" : "do")} not answer, {reach.Answering.Length} others do"],
        [$"{reach.Answering.Length} other edges answer"],
        "");

    public static EdgeCheck? Dns(EdgeDns? dns) => dns is null ? null : Judged(
        "dns",
        dns.Problem is { } problem ? [problem] : dns.State == EdgeDnsState.Failed ? ["it does not listen"] : [],
        [dns.State == EdgeDnsState.Answering ? $"answers at {dns.Endpoint} for {dns.Zones} zones" : "zones are being compiled"],
        "");

    private static EdgeCheck Judged(string check, List<string> troubles, List<string> notes, string nothing) => troubles.Count > 0
        ? new EdgeCheck(check, false, Named([.. troubles], "; "))
        : new EdgeCheck(check, true, notes.Count == 0 ? nothing : string.Join("; ", notes));

    private static string Named(ImmutableArray<string> names, string separator = ", ") =>
        names.Length <= MaxNamed ? string.Join(separator, names) : $"{string.Join(separator, names.Take(MaxNamed))}{separator}and {names.Length - MaxNamed} more";

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.TotalSeconds):0} s");

    /// <summary>As <c>df -h</c> and <c>free -h</c> do: people compare it with those.</summary>
    private static string Size(long bytes)
    {
        (double value, string unit) = bytes switch
        {
            >= 1L << 40 => (bytes / (double)(1L << 40), "TiB"),
            >= 1L << 30 => (bytes / (double)(1L << 30), "GiB"),
            _ => (bytes / (double)(1L << 20), "MiB"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {unit}");
    }
}
