using System.Text;

namespace Orleans.Embedded;

/// <summary>Says of a call without an answer who waits for whom. What it reads goes on changing, so it is a best effort.</summary>
internal static class WaitChain
{
    /// <summary>Longer chains are cut in the message: nobody reads further.</summary>
    private const int MaxLinks = 16;

    public static string DescribeTimeout(GrainCall call, TimeSpan timeout)
    {
        StringBuilder text = new();
        text.Append("No answer within ").Append(timeout).Append(" from ").Append(call.Description)
            .Append(" (").Append(call.Method.InterfaceName).Append("). It waits: ");
        bool circle = AppendWaits(text, call);
        if (circle)
            text.Append(": a circle, and no link of it can go on. Mark a method of it [AlwaysInterleave], or let one of the grains not wait.");
        else
            text.Append('.');
        AppendCallers(text, call);
        return text.ToString();
    }

    /// <returns>True if the chain comes back to work that it has already named.</returns>
    private static bool AppendWaits(StringBuilder text, GrainCall call)
    {
        HashSet<Work> seen = [];
        Work? link = call;
        for (int i = 0; i < MaxLinks && link is not null; i++)
        {
            if (i > 0)
                text.Append(" -> ");
            text.Append(link.Description);
            if (!seen.Add(link))
                return true;
            link = link is GrainCall { HasBegun: false } queued ? AppendQueued(text, queued) : AppendRunning(text, link);
        }

        return false;
    }

    private static Work? AppendQueued(StringBuilder text, GrainCall call)
    {
        Work? blocking = call.HeldBy?.Blocking;
        text.Append(blocking is null ? " (queued)" : " (queued behind the next)");
        return blocking;
    }

    private static GrainCall? AppendRunning(StringBuilder text, Work link)
    {
        GrainCall? next = link.WaitsFor;
        text.Append(next is null ? " (runs, and waits for no grain)" : " (runs, and waits for the next)");
        return next;
    }

    private static void AppendCallers(StringBuilder text, GrainCall call)
    {
        HashSet<Work> seen = [];
        Work? caller = call.Caller;
        for (int i = 0; i < MaxLinks && caller is not null && seen.Add(caller); i++)
        {
            text.Append(i == 0 ? " Called from " : ", from ").Append(caller.Description);
            caller = (caller as GrainCall)?.Caller;
        }

        if (seen.Count > 0)
            text.Append('.');
    }
}
