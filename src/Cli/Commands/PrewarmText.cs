using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary>A prewarm job as text, and as an exit code.</summary>
internal static class PrewarmText
{
    /// <summary>More are in <c>--json</c>.</summary>
    private const int MaxFailures = 10;

    public static bool IsOver(PrewarmState state) => state is PrewarmState.Done or PrewarmState.Partial or PrewarmState.Failed or PrewarmState.Cancelled;

    public static string Urls(PrewarmReply reply) => reply.Urls == 0 && !IsOver(reply.State) ? "URLs (being found)" : $"{Units.Count(reply.Urls)} URLs";

    public static int Code(PrewarmReply reply) => reply.State switch
    {
        PrewarmState.Done => ExitCode.Done,
        PrewarmState.Partial => ExitCode.Partial,
        _ => ExitCode.Failed,
    };

    public static int Conclude(CliHost host, PrewarmReply reply, bool json)
    {
        if (!json)
        {
            Write(host, reply);
        }

        string[] missing = [.. reply.Pops.SelectMany(p => p.Missing.Select(edge => $"{p.Pop}/{edge}"))];
        string[] failing = [.. reply.Pops.Where(p => p.Failed > 0).Select(p => $"{p.Pop} ({Units.Count(p.Failed)} failed)")];
        if (reply.State != PrewarmState.Done)
        {
            host.Error.WriteLine($"cdn: prewarm {reply.Id}: {reply.State}"
                + (missing.Length > 0 ? $"; not connected: {string.Join(", ", missing)}" : "")
                + (failing.Length > 0 ? $"; {string.Join(", ", failing)}" : ""));
        }

        return Code(reply);
    }

    public static void Write(CliHost host, PrewarmReply reply)
    {
        host.Out.WriteLine($"Prewarm {reply.Id} of site {PlainText.Of(reply.Site)} ({PlainText.Of(reply.Source)}): {reply.State}");
        host.Out.WriteLine($"{Urls(reply)}, {Units.Count(reply.OriginFetches)} fetches from the origin, {Units.Count(reply.PeerFetches)} between edges, {Units.Bytes(reply.Bytes)}; at most {Units.Rate(reply.Pace)} requests/s");
        foreach (PrewarmPopState pop in reply.Pops)
        {
            host.Out.WriteLine($"  {PlainText.Of(pop.Pop),-8} {Units.Count(pop.Stored)} stored, {Units.Count(pop.Fresh)} fresh already, {Units.Count(pop.NotStored)} not storable, {Units.Count(pop.Failed)} failed, {Units.Count(pop.Left)} left"
                + (pop.Skipped == 0 ? "" : $", {Units.Count(pop.Skipped)} not there")
                + (pop.Missing.IsEmpty ? "" : $"; not connected: {string.Join(", ", pop.Missing.Select(PlainText.Of))}"));
        }

        foreach (PrewarmFailure failure in reply.Failures.Take(MaxFailures))
        {
            host.Out.WriteLine($"  {PlainText.Of(failure.Url)}: {failure.Outcome} at {PlainText.Of(failure.Pop)}/{PlainText.Of(failure.Edge)}, {PlainText.Of(failure.Reason)}");
        }
    }
}
