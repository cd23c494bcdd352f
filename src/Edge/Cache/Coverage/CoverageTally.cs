using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache.Coverage;

/// <summary>Decides what a question covers and adds it up. It is purged on trial: in an index of its own, by the rules that real purges go by.</summary>
internal sealed class CoverageTally
{
    private readonly CoverageQuestion _question;
    private readonly PurgeIndex _purges;
    private readonly PurgeIndex? _trial;
    private readonly long _before;
    private readonly CandidateTally? _candidates;

    /// <param name="question">Its values are those of log entries.</param>
    /// <param name="snapshot">Says where the answers to URLs are stored; null: under themselves.</param>
    /// <param name="purges">In force: what they cover is gone already.</param>
    public CoverageTally(CoverageQuestion question, EdgeSnapshot? snapshot, PurgeIndex purges)
    {
        (_question, _purges) = (question, purges);
        _candidates = question.Candidates is { IsDefault: false } candidates ? new CandidateTally(candidates) : null;
        if (question.Kind is not { } kind)
        {
            return;
        }

        _trial = new PurgeIndex();
        _trial.ApplyGap(new PurgeCursor("trial", 0));
        _before = _trial.Applied;
        PurgeEntry[] entries =
        [
            .. question.Values.Select((value, i) => new PurgeEntry { Sequence = i + 1, Site = question.Site, Kind = kind, Value = value, Soft = false }),
        ];
        _trial.Apply(new PurgeCursor("trial", entries.Length), entries, snapshot is null ? null : snapshot.StoredUrl);
    }

    public Tier Memory { get; } = new();

    public Tier Disk { get; } = new();

    public TagTally Tags { get; } = new();

    /// <summary>Null: the question has none.</summary>
    public CandidateTally? Candidates => _candidates;

    /// <param name="bytes">Of its body that are there.</param>
    /// <param name="stamp">Purges that it was compared with.</param>
    /// <param name="isFresh">By its age; purges are looked at here.</param>
    public void Add(Tier tier, StoredResponse stored, long bytes, long stamp, bool isFresh = true)
    {
        tier.Looked++;
        if (!string.Equals(stored.Key.Site, _question.Site, StringComparison.Ordinal)
            || _purges.Check(stored.Key.Site, stored.Url, stored.Tags, stamp) is var purged && purged == PurgeVerdict.Hard)
        {
            return;
        }

        if (_trial is null && _candidates is not null)
        {
            if (!isFresh || purged != PurgeVerdict.Clear)
            {
                return;
            }

            _candidates.Add(stored.Url, isNamed: false);
        }
        else if (_trial is null)
        {
            Tags.Add(stored.Tags, tier == Disk);
        }
        else if (_trial.Check(stored.Key.Site, stored.Url, stored.Tags, _before) == PurgeVerdict.Clear)
        {
            return;
        }

        if (_trial is not null)
        {
            _candidates?.Add(stored.Url, isNamed: true);
        }

        tier.Count(stored.Url, bytes, isNamed: _trial is not null && _candidates is null);
    }

    /// <summary>What was found in memory or on disk.</summary>
    internal sealed class Tier
    {
        private readonly List<string> _sample = [];
        private long _objects;
        private long _bytes;

        public long Looked { get; set; }

        public void Count(string url, long bytes, bool isNamed)
        {
            _objects++;
            _bytes += bytes;
            if (isNamed && _sample.Count < Contracts.Api.Coverage.MaxSample)
            {
                _sample.Add(Cut(url));
            }
        }

        public CoveredTier Result(long total, bool isComplete) => new(_objects, _bytes, Looked, Math.Max(total, Looked), isComplete, [.. _sample]);
    }

    internal static string Cut(string text) =>
        text.Length <= Contracts.Api.Coverage.MaxTextLength ? text : text[..(Contracts.Api.Coverage.MaxTextLength - 1)] + "…";
}
