using System.Collections.Immutable;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Announcer.Health;

/// <summary>
/// The eyes of the process: it beats four times a second and looks at the local edge once. It waits for nothing else, reads no file and takes no
/// lock that others hold for long, so that when it stands still something is truly wrong.
/// </summary>
internal sealed partial class HealthLoop(Pulse pulse, HealthSources sources, FailoverInbox inbox, TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>
    /// A third of the shortest hold time (RFC 4271 §4.2: 3 s) is a second: sessions that look each second must never find the last beat to be
    /// as old as that while all is well.
    /// </summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A failure is to be known within seconds.</summary>
    private static readonly TimeSpan RoundInterval = TimeSpan.FromSeconds(1);

    /// <summary>Visitors are counted between two rounds, when no probe's connection is among them.</summary>
    private static readonly TimeSpan EdgeAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>Of a server that needs no proof.</summary>
    private static readonly HealthRound Unasked = new() { Checks = [], Hard = null };

    private readonly RoundMaker _maker = new();
    private ImmutableArray<ProbeTarget> _targets = sources.Given;
    private ImmutableArray<IProbe> _probes = [];
    private Task<(ProbeTarget, ProbeFinding)[]>? _probing;
    private Task<LocalAnswer>? _asking;
    private LocalAnswer? _edge;
    private long? _roundBegan;
    private bool _edgeIsDue = true;
    private ImmutableArray<HealthCheckStatus> _shown = [];

    public override void Dispose()
    {
        base.Dispose();
        foreach (IProbe probe in _probes)
        {
            probe.Dispose();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(BeatInterval, time);
        try
        {
            do
            {
                await BeatAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    /// <summary>One question to each at a time; a slow answer is looked at with a later beat.</summary>
    internal async ValueTask BeatAsync(CancellationToken stoppingToken)
    {
        pulse.Beat();
        if (sources is { NeedsProof: false, AskEdge: null })
        {
            inbox.Post(Unasked); // As if each had been answered, and at once.
            return;
        }

        if (_asking is { IsCompleted: true })
        {
            _edge = await _asking;
            _asking = null;
        }

        if (_probing is { IsCompleted: true })
        {
            Conclude(await _probing);
            _probing = null;
        }

        AskEdge(stoppingToken);
        bool isFirstWord = _edge is null && _asking is not null; // before it nothing may be known that could be probed
        if (_probing is null && !isFirstWord && (_roundBegan is not { } last || time.GetElapsedTime(last) >= RoundInterval))
        {
            _roundBegan = time.GetTimestamp();
            _edgeIsDue = true;
            LookWhereItListens();
            _probing = ProbeAsync(_probes, stoppingToken);
        }
    }

    private void AskEdge(CancellationToken stoppingToken)
    {
        if (_edgeIsDue && _asking is null && sources.AskEdge is { } ask && (_roundBegan is not { } began || time.GetElapsedTime(began) >= EdgeAfter))
        {
            _edgeIsDue = false;
            _asking = ask(stoppingToken);
        }
    }

    /// <summary>An edge that says nothing, or does not listen yet, is probed where it was.</summary>
    private void LookWhereItListens()
    {
        ImmutableArray<ProbeTarget> targets = !sources.NeedsProof ? [] : sources.Given is [] && _edge?.Local is { } local && RoundMaker.Listens(local) ? ProbeTargets.Of(local) : _targets;
        if (_probes.Length == targets.Length && _targets.SequenceEqual(targets))
        {
            return;
        }

        foreach (IProbe probe in _probes)
        {
            probe.Dispose();
        }

        (_targets, _probes) = (targets, [.. targets.Select(sources.NewProbe)]);
        LogProbes(targets.IsEmpty ? "nothing" : string.Join(", ", targets.Select(target => $"{target.Check} {target.Url}")));
    }

    private static Task<(ProbeTarget, ProbeFinding)[]> ProbeAsync(ImmutableArray<IProbe> probes, CancellationToken stoppingToken) =>
        Task.WhenAll(probes.Select(async probe => (probe.Target, await probe.AskAsync(stoppingToken))));

    private void Conclude((ProbeTarget, ProbeFinding)[] findings)
    {
        HealthRound round = _maker.Make(
            new RoundFacts
            {
                Probes = [.. findings],
                NeedsProof = sources.NeedsProof,
                Edge = _edge,
                HasDisk = sources.DiskTrouble is not null,
                DiskTrouble = sources.DiskTrouble?.Invoke(),
            },
            time.GetUtcNow());
        foreach (HealthCheckStatus check in round.Checks)
        {
            Log(check, _shown.FirstOrDefault(shown => shown.Check == check.Check)?.IsOk ?? true);
        }

        _shown = round.Checks;
        inbox.Post(round);
    }

    private void Log(HealthCheckStatus check, bool wasOk)
    {
        switch (check.IsHard, check.IsOk)
        {
            case (true, false) when wasOk:
                LogSilent(check.Check, check.Evidence);
                break;
            case (false, false) when wasOk:
                LogFailing(check.Check, check.Evidence);
                break;
            case (_, true) when !wasOk:
                LogWell(check.Check, check.Evidence);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "probed each second: {Targets}")]
    private partial void LogProbes(string targets);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the local edge does not answer its probe ({Check}): {Evidence}")]
    private partial void LogSilent(string check, string evidence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Check} needs a look: {Evidence}")]
    private partial void LogFailing(string check, string evidence);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Check} is well again: {Evidence}")]
    private partial void LogWell(string check, string evidence);
}
