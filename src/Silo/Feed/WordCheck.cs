using System.Collections.Immutable;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Silo.Feed;

/// <summary>
/// What an announcer's word to the others may hold. It speaks for its own server alone: who could speak for another one could promise in its
/// name, and empty the network.
/// </summary>
internal static class WordCheck
{
    /// <summary>What fails for longer is failing.</summary>
    private static readonly TimeSpan MaxFailing = TimeSpan.FromDays(365);

    /// <returns>What is wrong; null: nothing.</returns>
    public static string? Refuse(FailoverWord word, AnnouncerHello hello)
    {
        if (word.Questions.Length > FailoverLimits.MaxQueued || word.Replies.Length > FailoverLimits.MaxQueued || word.Notes.Length > FailoverLimits.MaxNotes)
        {
            return $"a word has at most {FailoverLimits.MaxQueued} questions, {FailoverLimits.MaxQueued} replies and {FailoverLimits.MaxNotes} notes";
        }

        if (word.View is { } view && (!IsOwn(view.Server, view.Pop, hello) || view.Sequence < 0 || !Enum.IsDefined(view.Phase) || !Enum.IsDefined(view.Level)))
        {
            return $"a view is that of {hello.Pop}/{hello.Edge}, with a phase, a level and a sequence that is not negative";
        }

        foreach (PledgeQuestion question in word.Questions)
        {
            if (question is not { Request: { } request } || !HelloCheck.IsName(question.Server) || !IsOwn(request.Server, request.Pop, hello))
            {
                return $"a question is for a server, and by {hello.Pop}/{hello.Edge}";
            }
        }

        foreach (PledgeReply reply in word.Replies)
        {
            if (reply is not { Answer: { } answer } || !HelloCheck.IsName(reply.Server) || !IsOwn(answer.Server, answer.Pop, hello))
            {
                return $"a reply is for a server, and by {hello.Pop}/{hello.Edge}";
            }
        }

        return word.Notes.Any(note => note is null || !Enum.IsDefined(note.From) || !Enum.IsDefined(note.To)) ? "a note is from a phase to a phase" : null;
    }

    /// <summary>With texts and times within their bounds.</summary>
    public static FailoverWord Complete(FailoverWord word) => word with
    {
        View = word.View is { } view ? view with { FailingCheck = Text(view.FailingCheck), FailingFor = Time(view.FailingFor) } : null,
        Questions = [.. word.Questions.Select(question => question with { Request = question.Request with { Check = Text(question.Request.Check) } })],
        Replies = [.. word.Replies.Select(reply => reply with { Answer = reply.Answer with { Why = Text(reply.Answer.Why) } })],
        Notes = [.. word.Notes.Select(note => note with { What = Text(note.What) ?? "", Ago = Time(note.Ago) })],
    };

    private static bool IsOwn(string server, string pop, AnnouncerHello hello) => server == hello.Edge && pop == hello.Pop;

    private static string? Text(string? text) => ReportCheck.Text(text, FailoverLimits.MaxTextLength);

    private static TimeSpan Time(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time > MaxFailing ? MaxFailing : time;
}
