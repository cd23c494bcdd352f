using System.Globalization;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Output;

/// <summary>What edges have stored under a tag or a purge, for people, and how that ends a command.</summary>
internal static class CoverageText
{
    /// <returns>The exit code: everything was looked at, a part of it, or nothing.</returns>
    public static int Conclude(CliHost host, CoverageReply reply, bool json)
    {
        (string Name, EdgeCoverage Edge)[] edges = [.. reply.Pops.SelectMany(p => p.Edges.Select(e => ($"{p.Pop}/{e.Edge}", e)))];
        if (json)
        {
            host.WriteJson(reply, ContractsJson.Default.CoverageReply);
        }
        else
        {
            foreach ((string name, EdgeCoverage edge) in edges)
            {
                if (edge.Coverage is { } coverage)
                {
                    Write(host.Out, name, coverage);
                }
            }
        }

        (string Name, EdgeCoverage Edge)[] missing = [.. edges.Where(e => e.Edge.Coverage is null)];
        if (missing.Length > 0)
        {
            host.Error.WriteLine("cdn: no answer from " + string.Join(", ", missing.Select(e => $"{e.Name} ({Why(e.Edge.Outcome)})")));
            host.Error.WriteLine("See 'cdn status' for who is connected.");
        }
        else if (!reply.IsComplete)
        {
            host.Error.WriteLine("cdn: not everything that is stored was looked at in time; counts are the least");
        }

        return edges.Length > 0 && missing.Length == edges.Length ? ExitCode.Failed : reply.IsComplete ? ExitCode.Done : ExitCode.Partial;
    }

    public static string Why(AnswerOutcome outcome) => outcome switch
    {
        AnswerOutcome.NotConnected => "not connected",
        AnswerOutcome.Busy => "too many questions at a time",
        _ => "connected, but silent",
    };

    private static void Write(TextWriter output, string name, Coverage coverage)
    {
        string disk = coverage.Disk is { } onDisk ? $"; {Tier(onDisk)} on disk" : "";
        output.WriteLine($"{name}: {Tier(coverage.Memory)} in memory{disk}");
        if (coverage.Note is { } note)
        {
            output.WriteLine($"  note: {PlainText.Of(note)}");
        }

        foreach (string url in coverage.Memory.Sample.Concat(coverage.Disk?.Sample ?? []).Distinct(StringComparer.Ordinal).Take(Coverage.MaxSample))
        {
            output.WriteLine($"  {PlainText.Of(url)}");
        }

        if (coverage.TagCount > 0)
        {
            output.WriteLine($"  {(coverage.IsTagCountLeast ? "at least " : "")}{Units.Count(coverage.TagCount)} different tags; the most used:");
            output.WriteLine($"  {"memory",10} {"disk",10}  tag");
            foreach (TagUse tag in coverage.Tags)
            {
                output.WriteLine($"  {Units.Count(tag.Objects),10} {Units.Count(tag.DiskObjects),10}  {PlainText.Of(tag.Tag)}");
            }
        }
    }

    private static string Tier(CoveredTier tier)
    {
        string counts = $"{Units.Count(tier.Objects)} object{(tier.Objects == 1 ? "" : "s")}, {Units.Bytes(tier.Bytes)}";
        return tier.IsComplete ? counts
            : string.Create(CultureInfo.InvariantCulture, $"at least {counts} ({Units.Count(tier.Looked)} of {Units.Count(tier.Total)} looked at)");
    }
}
