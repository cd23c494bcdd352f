using System.Collections.Immutable;
using System.Threading.Channels;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Edge.Dns.Visits;

namespace OrleansCdn.Edge.Dns;

/// <summary>
/// Compiles zones and steering when a config, a database or the list of drained edges is another one, beside the hot path and beside what is quick: large databases
/// take seconds, and a PoP that is drained meanwhile leaves the answers at once. What was in force stays so until the next is whole.
/// </summary>
internal sealed partial class DnsCompiler(EdgeState state, Func<VisitTable> visits, Action installed, TimeProvider time, ILogger logger) : BackgroundService
{
    private readonly Channel<byte> _look = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ExplainBudget _budget = new(time);
    private GeoFiles? _files;
    private GeoFilesConfig? _paths;
    private volatile DnsGeneration? _current;
    private volatile GeoDatabases _databases = GeoDatabases.None;
    private volatile string? _problem;
    private volatile GeoFileStatus[] _geo = [];

    /// <summary>Null: nothing is compiled yet, or the config has no DNS.</summary>
    public DnsGeneration? Current => _current;

    /// <summary>Why the newest config or database is not in force; null: it is.</summary>
    public string? Problem => _problem;

    /// <summary>What has become of the databases' files, those of places first; empty: the config names none.</summary>
    public IReadOnlyList<GeoFileStatus> Geo => _geo;

    /// <summary>A config has come into force.</summary>
    public void ConfigApplied() => _look.Writer.TryWrite(0);

    /// <summary>Edges may be drained, or not any more: which addresses a PoP has stands in its records.</summary>
    public void EligibilityReplaced()
    {
        if (_current is { } current && !current.DrainedEdges.AsSpan().SequenceEqual(state.Eligibility.DrainedEdges.AsSpan()))
        {
            _look.Writer.TryWrite(0);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Away from who starts this: the first databases are read here as well.
        await Task.Yield();
        try
        {
            while (true)
            {
                Look(stoppingToken);
                using CancellationTokenSource next = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                Task tick = Task.Delay(GeoFiles.LookInterval, time, next.Token);
                await Task.WhenAny(_look.Reader.WaitToReadAsync(next.Token).AsTask(), tick);
                await next.CancelAsync();
                stoppingToken.ThrowIfCancellationRequested();
                _look.Reader.TryRead(out _);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void Look(CancellationToken cancellationToken)
    {
        if (state.Snapshot is not { } snapshot)
        {
            return;
        }

        DnsGeneration? before = _current;
        if (snapshot.Config.Dns is not DnsConfig dns)
        {
            (_files, _paths, _geo, _databases, _problem) = (null, null, [], GeoDatabases.None, null);
            if (before is not null)
            {
                _current = null;
                installed();
            }

            return;
        }

        LookAtFiles(dns.Geo);
        ImmutableArray<string> drained = state.Eligibility.DrainedEdges;
        if (before is not null && ReferenceEquals(before.Snapshot, snapshot) && ReferenceEquals(before.Databases, _databases) && before.DrainedEdges.AsSpan().SequenceEqual(drained.AsSpan()))
        {
            return;
        }

        long begin = time.GetTimestamp();
        DnsGeneration next = DnsGeneration.Compile(snapshot, Serial(snapshot), drained, _databases, Makers(snapshot.Config), before, time.GetUtcNow(), cancellationToken);
        if (!next.IsWhole && before is not null)
        {
            if (_problem != next.Problem)
            {
                LogKept(next.Problem!);
            }

            _problem = next.Problem;
            return;
        }

        _problem = next.Problem;
        _current = next;
        int zones = next.Zones.Count(zone => !zone.HasErrors);
        int lists = next.Steering?.Lists.Length ?? 0;
        long milliseconds = (long)time.GetElapsedTime(begin).TotalMilliseconds;
        LogInForce(snapshot.Version, zones, lists, milliseconds);
        foreach (string zone in next.Zones.Where(zone => zone.HasErrors).Select(zone => zone.Mistakes.First(mistake => !mistake.IsWarning).ToString()))
        {
            LogZone(zone);
        }

        installed();
    }

    private void LookAtFiles(GeoFilesConfig? paths)
    {
        if (_paths != paths)
        {
            (_files, _paths) = (paths is null ? null : new GeoFiles(paths.Country, paths.Asn), paths);
        }

        GeoFileStatus[] before = _geo;
        _files?.Look();
        _databases = _files?.Current ?? GeoDatabases.None;
        _geo = _files is null ? [] : [_files.Country, _files.Asn];
        foreach (GeoFileStatus file in _geo.Where(file => file.Path is not null && !before.Contains(file)))
        {
            if (file.State == GeoFileState.InForce)
            {
                LogDatabase(file.Path!, file.Type, file.Built);
            }
            else
            {
                LogNoDatabase(file.Path!, file.Error);
            }
        }
    }

    /// <summary>Configs of a file have no version: there the time goes up.</summary>
    private long Serial(EdgeSnapshot snapshot) => snapshot.Version > 0 ? snapshot.Version : time.GetUtcNow().ToUnixTimeSeconds();

    private SteeredMakers Makers(CdnConfig config) => new(
        host => new NumberedAddresses(host, config.Pops, () => _databases, visits(), _budget),
        _ => new ChoiceTexts(config.Pops, () => _databases, _budget));

    [LoggerMessage(Level = LogLevel.Information, Message = "DNS of config version {Version} is in force: {Zones} zones, {Lists} orders of PoPs, compiled in {Milliseconds} ms")]
    private partial void LogInForce(long version, int zones, int lists, long milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}; what was in force before stays so")]
    private partial void LogKept(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "a zone is not answered for: {Mistake}")]
    private partial void LogZone(string mistake);

    [LoggerMessage(Level = LogLevel.Information, Message = "geo database {Path} is read: {Type}, made {Built}")]
    private partial void LogDatabase(string path, string? type, DateTimeOffset? built);

    [LoggerMessage(Level = LogLevel.Error, Message = "geo database {Path} is not read: {Error}. Without one, visitors are sent by what else is known")]
    private partial void LogNoDatabase(string path, string? error);
}
