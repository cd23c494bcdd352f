using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Edge.Control;

/// <summary>What the driver has to do about one message of a silo.</summary>
internal enum FeedAction
{
    /// <summary>Nothing: a sign of life, or a repeat.</summary>
    None,

    /// <summary>The silo takes this edge.</summary>
    Welcome,

    ApplyConfig,
    ApplyPurges,
    ApplyGap,

    /// <summary>Purges that are not in the log yet: they move no cursor.</summary>
    ApplyAhead,
    ReplacePeers,
    ReplaceEligibility,

    /// <summary>Keys of zones, secrets of cookies.</summary>
    ReplaceSecrets,

    /// <summary>The silo has nothing more to tell for now.</summary>
    CaughtUp,

    /// <summary>Somebody asks something that is looked up and answered.</summary>
    Answer,

    /// <summary>URLs are to be fetched ahead of visitors.</summary>
    Prewarm,

    /// <summary>Give the connection up.</summary>
    End,
}

/// <summary>One step of <see cref="FeedSession"/>: exactly the members that belong to <see cref="Action"/> are set.</summary>
internal readonly record struct FeedStep(FeedAction Action)
{
    public EdgeSnapshot? Snapshot { get; init; }

    public PurgeBatch? Purges { get; init; }

    /// <summary>With <see cref="FeedAction.ApplyGap"/>.</summary>
    public PurgeCursor Through { get; init; }

    /// <summary>With <see cref="FeedAction.ApplyAhead"/>.</summary>
    public PurgesAhead? Ahead { get; init; }

    /// <summary>With <see cref="FeedAction.CaughtUp"/>: how long ago every purge was known; null: that is not said.</summary>
    public TimeSpan? LogAge { get; init; }

    public PeerTable? Peers { get; init; }

    public Eligibility? Eligibility { get; init; }

    /// <summary>With <see cref="FeedAction.ReplaceSecrets"/>.</summary>
    public DnsSecrets? Secrets { get; init; }

    /// <summary>With <see cref="FeedAction.Answer"/>.</summary>
    public EdgeQuestion? Question { get; init; }

    /// <summary>With <see cref="FeedAction.Prewarm"/>.</summary>
    public PrewarmBatch? Prewarm { get; init; }

    public FeedEnd? End { get; init; }

    /// <summary>Worth a line in the log although the connection goes on; null when there is nothing to say.</summary>
    public string? Remark { get; init; }

    public static FeedStep Nothing => new(FeedAction.None);
}

/// <summary>
/// The rules of one feed connection, without any I/O: each message of the silo gives what is to be done. A silo is
/// trusted with what it may say (config, purges, peers, eligibility), but nothing it sends gets past these checks unexamined.
/// </summary>
/// <param name="pop">This edge's PoP.</param>
/// <param name="edge">This edge.</param>
/// <param name="current">The config in force; null before the first.</param>
/// <param name="cursor">Purges that are applied.</param>
/// <param name="secrets">DNS secrets in use; null: none.</param>
internal sealed class FeedSession(string pop, string edge, EdgeSnapshot? current, PurgeCursor cursor, DnsSecrets? secrets = null)
{
    /// <summary>Epochs are random ids of some 32 characters; longer ones would not fit the cursor's slot on disk.</summary>
    public const int MaxEpochChars = 128;

    /// <summary>Far above a CDN of one person (three to twenty servers).</summary>
    public const int MaxPeers = 4096;

    private const int MaxReasonChars = 500;

    /// <summary>A year; what is said to be older says nothing.</summary>
    private const double MaxLogAgeSeconds = 365 * 86_400;

    private EdgeSnapshot? _current = current;
    private PurgeCursor _cursor = cursor;
    private DnsSecrets? _secrets = secrets;
    private bool _welcomed;

    public FeedStep Step(SiloMessage message) => message switch
    {
        SiloRefusal refusal => Ended(FeedEndReason.Refused, OneLine.Printable(refusal.Reason)),
        SiloWelcome welcome => OnWelcome(welcome),
        _ when !_welcomed => Violation($"the first line was {Name(message)} and not a welcome"),
        ConfigSnapshot config => OnConfig(config),
        PurgeBatch batch => OnPurges(batch),
        PurgeGap gap => OnGap(gap.Through, remark: null),
        PeerDirectory directory => OnPeers(directory),
        Eligibility eligibility => OnEligibility(eligibility),
        ExplainQuestion question => OnQuestion(question),
        PrewarmBatch batch => OnPrewarm(batch),
        CoverageQuestion question => OnQuestion(question),
        DnsQuestion question => OnQuestion(question),
        PurgesAhead ahead => OnAhead(ahead),
        DnsSecrets sent => OnSecrets(sent),
        SiloHeartbeat heartbeat => new FeedStep(FeedAction.CaughtUp)
        {
            LogAge = heartbeat.LogAgeSeconds is >= 0 and <= MaxLogAgeSeconds and { } age ? TimeSpan.FromSeconds(age) : null,
        },
        _ => throw new UnreachableException($"message {message.GetType().Name}"),
    };

    private FeedStep OnWelcome(SiloWelcome welcome)
    {
        if (_welcomed)
        {
            return Violation("a second welcome");
        }

        if (welcome.Protocol != FeedProtocol.Version)
        {
            return Violation($"the silo speaks version {welcome.Protocol} of the feed and this edge {FeedProtocol.Version}; run the same release on both");
        }

        _welcomed = true;
        return new FeedStep(FeedAction.Welcome);
    }

    private FeedStep OnConfig(ConfigSnapshot message)
    {
        if (!IsEpoch(message.Epoch) || message.Version < 1)
        {
            return Violation($"a config of epoch '{OneLine.Printable(message.Epoch)}' and version {message.Version}: an epoch has 1 to {MaxEpochChars} printable characters, a version is at least 1");
        }

        if (_current is { } held && held.Epoch == message.Epoch && message.Version <= held.Version)
        {
            return FeedStep.Nothing with
            {
                Remark = message.Version == held.Version ? null : $"config version {message.Version} is older than {held.Version}, which is in force, and is not used",
            };
        }

        EdgeSnapshot snapshot = new(message.Epoch, message.Version, message.Config);
        _current = snapshot;
        return new FeedStep(FeedAction.ApplyConfig)
        {
            Snapshot = snapshot,
            Remark = IsKnown(message.Config) ? null : $"config version {message.Version} has no edge {pop}/{edge}; it goes on with the addresses that it has",
        };
    }

    private FeedStep OnSecrets(DnsSecrets sent)
    {
        if (!IsEpoch(sent.Epoch) || sent.Revision < 1 || SecretsCheck.Malformed(sent) is not null)
        {
            return Violation($"DNS secrets that are none: {SecretsCheck.Malformed(sent) ?? "their epoch or revision is out of range"}");
        }

        if (_secrets is { } held && !sent.Replaces(held.Held))
        {
            return FeedStep.Nothing;
        }

        if (SecretsCheck.Foreign(_secrets, sent) is { IsEmpty: false } foreign)
        {
            return FeedStep.Nothing with
            {
                Remark = $"the silo has other keys of {OneLine.Printable(string.Join(", ", foreign))} than this edge signs with, and none in common: its database was lost, or is another cluster's. "
                    + $"This edge signs on with its own; give the silo its database back, or see docs/dnssec.md",
            };
        }

        _secrets = sent;
        return new FeedStep(FeedAction.ReplaceSecrets) { Secrets = sent };
    }

    private FeedStep OnPurges(PurgeBatch batch)
    {
        if (batch.Through.Epoch != _cursor.Epoch)
        {
            return Violation($"purges of log '{OneLine.Printable(batch.Through.Epoch)}' after those of '{_cursor.Epoch}' without a gap between them");
        }

        if (batch.Through.Sequence < _cursor.Sequence)
        {
            // The log has lost its tail, so that its next numbers have been used before: going on would drop those purges.
            return OnGap(batch.Through, $"the purge log went back from {_cursor.Sequence} to {batch.Through.Sequence}; everything cached is asked for again");
        }

        if (Check(batch.Entries, batch.Through.Sequence) is { } violation)
        {
            return Violation(violation);
        }

        _cursor = batch.Through;
        return new FeedStep(FeedAction.ApplyPurges) { Purges = batch };
    }

    /// <summary>Of another log they are no concern of this edge before the gap has come.</summary>
    private FeedStep OnAhead(PurgesAhead ahead) =>
        Check(ahead.Entries, long.MaxValue) is { } violation ? Violation(violation)
        : ahead.Epoch == _cursor.Epoch ? new FeedStep(FeedAction.ApplyAhead) { Ahead = ahead }
        : FeedStep.Nothing;

    private static string? Check(ImmutableArray<PurgeEntry> entries, long through)
    {
        if (entries.IsDefault || entries.Length > FeedProtocol.MaxPurgesPerMessage)
        {
            return $"more than {FeedProtocol.MaxPurgesPerMessage} purges in one message";
        }

        long last = 0;
        foreach (PurgeEntry entry in entries)
        {
            if (entry.Sequence <= last || entry.Sequence > through || !Enum.IsDefined(entry.Kind))
            {
                return $"purge {entry.Sequence} is out of order in a message that reaches from {last} through {through}";
            }

            last = entry.Sequence;
        }

        return null;
    }

    private FeedStep OnGap(PurgeCursor through, string? remark)
    {
        if (!IsEpoch(through.Epoch) || through.Sequence < 0)
        {
            return Violation($"a gap through '{OneLine.Printable(through.ToString())}', which is no place in a log");
        }

        _cursor = through;
        return new FeedStep(FeedAction.ApplyGap) { Through = through, Remark = remark };
    }

    private FeedStep OnPeers(PeerDirectory directory)
    {
        if (directory.Edges.IsDefault || directory.Edges.Length > MaxPeers)
        {
            return Violation($"more than {MaxPeers} peers");
        }

        ImmutableArray<PeerEdge>.Builder usable = ImmutableArray.CreateBuilder<PeerEdge>();
        string? remark = null;
        foreach (PeerEdge peer in directory.Edges)
        {
            if (LinkUrl.TryParse(peer.PeerUrl, out _, out string? problem))
            {
                usable.Add(peer);
            }
            else
            {
                remark = $"peer {OneLine.Printable(peer.Pop)}/{OneLine.Printable(peer.Edge)} is not used: {problem}";
            }
        }

        return new FeedStep(FeedAction.ReplacePeers) { Peers = new PeerTable(usable), Remark = remark };
    }

    /// <summary>Which of two counts is decided where it is kept (<see cref="EdgeState.Replace(Eligibility)"/>).</summary>
    private static FeedStep OnEligibility(Eligibility eligibility) => EligibilityCheck.Refuse(eligibility) is { } wrong
        ? Violation(wrong)
        : new FeedStep(FeedAction.ReplaceEligibility) { Eligibility = eligibility };

    private static FeedStep OnQuestion(ExplainQuestion question) =>
        question.Headers.IsDefault || question.Headers.Length > ExplainRequest.MaxHeaders || question.Url.Length > ExplainRequest.MaxUrlBytes
            || question.Id.Length > MaxEpochChars || question.Method.Length > MaxReasonChars
            ? Violation("a question that is larger than questions are")
            : new FeedStep(FeedAction.Answer) { Question = question };

    private static FeedStep OnQuestion(CoverageQuestion question) =>
        question.Values.IsDefault || question.Values.Length > 2 * ApiRoutes.MaxPurgeValues || question.Values.Any(v => v is null)
            || question.Values.Sum(v => (long)v.Length) > CoverageQuestion.MaxValueChars
            || question.Id.Length > MaxEpochChars || question.Site.Length > MaxReasonChars || (question.Kind is { } kind && !Enum.IsDefined(kind))
            ? Violation("a question that is larger than questions are")
            : new FeedStep(FeedAction.Answer) { Question = question };

    private static FeedStep OnQuestion(DnsQuestion question) =>
        question.Id.Length > MaxEpochChars || question.Name.Length > DnsExplainRequest.MaxNameChars
            || question.Address.Length > DnsExplainRequest.MaxAddressChars || question.Subnet?.Length > DnsExplainRequest.MaxAddressChars
            ? Violation("a question that is larger than questions are")
            : new FeedStep(FeedAction.Answer) { Question = question };

    private static FeedStep OnPrewarm(PrewarmBatch batch) =>
        batch.Tasks.IsDefault || batch.Tasks.Length > PrewarmBatch.MaxTasks || batch.Tasks.Any(task => task.Url.Length > PrewarmBatch.MaxUrlBytes)
            || batch.Encodings.IsDefaultOrEmpty || batch.Encodings.Length > Enum.GetValues<PrewarmEncoding>().Length
            || batch.Job.Length > MaxEpochChars
            ? Violation("a batch of a prewarm job that is larger than batches are")
            : new FeedStep(FeedAction.Prewarm) { Prewarm = batch };

    private bool IsKnown(CdnConfig config) => config.FindPop(pop)?.Edges.Any(e => e.Name == edge) ?? false;

    private static bool IsEpoch(string epoch) =>
        epoch.Length is >= 1 and <= MaxEpochChars && !epoch.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static FeedStep Violation(string detail) => Ended(FeedEndReason.ProtocolViolation, detail);

    private static FeedStep Ended(FeedEndReason reason, string detail) => new(FeedAction.End) { End = new FeedEnd(reason, detail) };

    private static string Name(SiloMessage message) => message.GetType().Name;
}
