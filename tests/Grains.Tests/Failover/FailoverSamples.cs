using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Tests.Failover;

/// <summary>Two servers in Warsaw, one in each of two other PoPs.</summary>
internal static class FailoverSamples
{
    public static readonly DateTimeOffset Start = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    public static readonly FailoverPlan Plan = new(
        [new("waw1", "waw"), new("waw2", "waw"), new("lax1", "lax"), new("grr1", "grr")], FailoverPolicy.Default);

    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    public static PeerView View(string server, long sequence = 1, long instance = 1) => new()
    {
        Server = server,
        Pop = server[..3],
        Instance = instance,
        Sequence = sequence,
        Phase = FailoverPhase.Announced,
        Level = AnnouncementLevel.Normal,
        IsOnWire = true,
        IsWell = true,
    };

    public static FailoverWord Says(string server, long sequence = 1, long instance = 1) => new() { View = View(server, sequence, instance) };

    public static PledgeQuestion Question(string from, string to, long id = 7) => new(to, new PledgeRequest(id, from, from[..3], IsVoluntary: true));

    public static PledgeReply Reply(string from, string to, long id = 7) => new(to, new PledgeAnswer(id, from, from[..3], IsGranted: true));

    public static FailoverWord Asks(string from, string to, long id = 7) => new() { Questions = [Question(from, to, id)] };

    /// <summary>What is in it, in short.</summary>
    public static ImmutableArray<string> Contents(RelayParcel? parcel) => parcel is null ? [] :
    [
        .. parcel.Views.Select(view => $"{view.View.Server} is at {view.View.Sequence}"),
        .. parcel.Questions.Select(question => $"{question.Question.Request.Server} asks {question.Question.Server} {question.Question.Request.Id}"),
        .. parcel.Replies.Select(reply => $"{reply.Reply.Answer.Server} answers {reply.Reply.Server} {reply.Reply.Answer.Id}"),
    ];
}
