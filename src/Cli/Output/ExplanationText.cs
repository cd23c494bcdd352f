using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Output;

/// <summary>An edge's explanation for people: one fact a line, labels aligned, nothing that says nothing.</summary>
internal static class ExplanationText
{
    private const int LabelWidth = 13;

    public static void Write(TextWriter output, string pop, string edge, Explanation answer)
    {
        output.WriteLine($"{pop}/{edge}: {Verdict(answer.Verdict)}{(answer.Detail is null ? "" : " - " + PlainText.Of(answer.Detail))}");
        Line(output, 1, "site", answer.Site);
        if (answer.Key is { } key)
        {
            Line(output, 1, "key", $"{key.Scheme}://{key.Authority}{key.Target}");
            Line(output, 1, "hash", key.Hash);
        }

        Line(output, 1, "rule", answer.Rule is null ? (answer.Site is null ? null : "none matches the request") : Rule(answer.Rule));
        Line(output, 1, "fills", answer.Fills == 0 ? null : $"{answer.Fills} under way");
        Line(output, 1, "not stored", answer.NotStored is null ? null : NotStored(answer.NotStored));
        Line(output, 1, "purges", $"applied up to {answer.PurgeCursor.Sequence} of the log; {answer.PurgesApplied} since the edge's start");
        Line(output, 1, "cut off", answer.CutOff is null ? null : CutOff(answer.CutOff));
        Line(output, 1, "config", answer.ConfigVersion == 0 ? null : $"version {answer.ConfigVersion}");
        Line(output, 1, "stored", answer.Site is null ? null : Stored(answer));
        Line(output, 1, "disk", answer.DiskNote);
        foreach (ExplainedVariant variant in answer.Variants)
        {
            output.WriteLine();
            Write(output, variant);
        }

        output.WriteLine();
    }

    private static void Write(TextWriter output, ExplainedVariant variant)
    {
        output.WriteLine($"  variant {variant.Status}, {Units.Bytes(variant.BodyBytes)} {(variant.Tier == StorageTier.Disk ? "on disk" : "in memory")}"
            + (variant.IsSelected ? " - the request selects this one" : ""));
        Line(output, 2, "vary", variant.Vary.IsEmpty ? null : string.Join("; ", variant.Vary.Select(v => $"{v.Name}: {v.Value ?? "(absent)"}")));
        Line(output, 2, "rule", variant.Rule is null ? null : Rule(variant.Rule));
        Line(output, 2, "from", variant.Source is { } source ? From(source) : variant.Tier == StorageTier.Disk ? "this edge's disk" : null);
        Line(output, 2, "validators", Validators(variant));
        Line(output, 2, "age", $"{Time(variant.AgeSeconds)} of {Time(variant.LifetimeSeconds)}, {Freshness(variant.TtlSeconds)}");
        Line(output, 2, "lifetime", "from " + Source(variant.LifetimeSource));
        Line(output, 2, "stale", variant.NeverStale
            ? "never: the origin forbids it"
            : $"{Time(variant.StaleWhileRevalidateSeconds)} while it is refreshed, {Time(variant.GraceSeconds)} while the origin fails");
        Line(output, 2, "soft purge", variant.SoftPurgedSecondsAgo is { } ago ? $"{Time(ago)} ago" : null);
        Line(output, 2, "purge", variant.Purge is null
            ? $"none covers it (compared from {variant.PurgeStamp})"
            : $"covered by {Purge(variant.Purge)} (compared from {variant.PurgeStamp})");
        Line(output, 2, "tags", variant.Tags.IsEmpty
            ? null
            : string.Join(' ', variant.Tags) + (variant.TagCount > variant.Tags.Length ? $" and {variant.TagCount - variant.Tags.Length} more" : ""));
        Line(output, 2, "groups", variant.Groups.IsEmpty
            ? null
            : string.Join(", ", variant.Groups) + (variant.GroupCount > variant.Groups.Length ? $" and {variant.GroupCount - variant.Groups.Length} more" : ""));
    }

    private static void Line(TextWriter output, int depth, string label, string? text)
    {
        if (text is not null)
        {
            output.WriteLine($"{new string(' ', 2 * depth)}{label.PadRight(LabelWidth)}{PlainText.Of(text)}");
        }
    }

    private static string Stored(Explanation answer)
    {
        int all = answer.VariantCount + answer.DiskVariantCount;
        string memory = answer.VariantCount switch { 0 => "nothing in memory", 1 => "1 variant", _ => $"{answer.VariantCount} variants" };
        string disk = answer.DiskVariantCount == 0 ? "" : $"{(answer.VariantCount == 0 ? "" : " in memory")}, {answer.DiskVariantCount} on disk";
        return memory + disk + (all == answer.Variants.Length ? "" : $", {answer.Variants.Length} shown");
    }

    private static string Verdict(ExplainVerdict verdict) => verdict switch
    {
        ExplainVerdict.StaleWhileRevalidate => "stale-while-revalidate",
        ExplainVerdict.HitForMiss => "hit-for-miss",
        ExplainVerdict.OnDisk => "on disk",
        ExplainVerdict.NoSite => "no site",
        ExplainVerdict.NotReady => "not ready",
        _ => verdict.ToString().ToLowerInvariant(),
    };

    private static string Rule(ExplainedRule rule)
    {
        string?[] conditions =
        [
            rule.Path, rule.Extensions.IsEmpty ? null : "." + string.Join(" .", rule.Extensions),
            rule.ContentTypes.IsEmpty ? null : string.Join(' ', rule.ContentTypes), rule.Statuses.IsEmpty ? null : string.Join(' ', rule.Statuses),
        ];
        string?[] effects =
        [
            rule.Bypass ? "bypass" : null, rule.TtlSeconds is { } ttl ? "ttl " + Time(ttl) : null,
            rule.MinTtlSeconds is { } least ? "at least " + Time(least) : null, rule.MaxTtlSeconds is { } most ? "at most " + Time(most) : null,
        ];
        string matches = string.Join(", ", conditions.Where(c => c is not null));
        string does = string.Join(", ", effects.Where(e => e is not null));
        does = does.Length == 0 ? "the origin decides" : does;
        return $"{rule.Number}. {(matches.Length == 0 ? "every path" : matches)}: {does}";
    }

    private static string CutOff(ExplainedCutOff cutOff) =>
        (cutOff.Seconds is { } seconds ? $"for {Time(seconds)}" : "since the edge's start") + ", purges may be missing; the site's policy is " + cutOff.Policy switch
        {
            CutOffPolicy.Revalidate => $"revalidate: what is older than {Time(cutOff.AfterSeconds)} is confirmed first",
            CutOffPolicy.Drain => "drain: the edge serves on, and asks to be taken out",
            _ => "serve",
        };

    private static string NotStored(ExplainedNotStored last) =>
        $"{last.Reason}, {Time(last.SecondsAgo)} ago" + (last.HitForMissSeconds > 0 ? $"; requests go on alone for another {Time(last.HitForMissSeconds)}" : "");

    private static string Validators(ExplainedVariant variant) =>
        (variant.ETag, variant.LastModified) switch
        {
            (null, null) => "none: past its lifetime it is fetched whole",
            ({ } tag, null) => tag,
            (null, { } modified) => modified,
            ({ } tag, { } modified) => $"{tag}, {modified}",
        };

    private static string From(ExplainedSource source) => source.From switch
    {
        FilledFrom.Origin => "origin ",
        FilledFrom.Shield => "shield ",
        _ => "edge ",
    } + source.Name + (source.FromDisk ? ", then this edge's disk" : "");

    private static string Freshness(double ttl) => ttl > 0 ? $"fresh for {Time(ttl)}" : $"stale for {Time(-ttl)}";

    private static string Purge(ExplainedPurge purge) => purge.Kind is { } kind
        ? $"{(purge.Soft ? "a soft" : "a hard")} purge, {(purge.Sequence > 0 ? $"{purge.Sequence} of the log" : "in no log")}: {kind.ToString().ToLowerInvariant()} {purge.Value}".TrimEnd()
        : "a gap: what was purged before is not known";

    private static string Source(LifetimeSource source) => source switch
    {
        LifetimeSource.SharedMaxAge => "s-maxage",
        LifetimeSource.MaxAge => "max-age",
        LifetimeSource.Expires => "Expires",
        LifetimeSource.NoCache => "no-cache: confirmed before each use",
        LifetimeSource.Heuristic => "a heuristic: a tenth of the time since Last-Modified",
        LifetimeSource.ValidatorOnly => "nothing but a validator: confirmed before each use",
        LifetimeSource.SiteDefault => "the site's default-ttl",
        LifetimeSource.Targeted => "CDN-Cache-Control or the CDN's own field",
        LifetimeSource.Rule => "the rule",
        _ => source.ToString(),
    };

    private static string Time(double seconds) => seconds switch
    {
        < 1 and > 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds):0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds):0} s ({TimeSpan.FromSeconds(seconds):d\\.hh\\:mm\\:ss})"),
    };
}
