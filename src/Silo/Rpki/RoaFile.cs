using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Routing.Roa;
using OrleansCdn.Silo.Options;

namespace OrleansCdn.Silo.Rpki;

/// <summary>
/// The ROAs of <c>--roa-file</c>, read again when the file is another one. A file that cannot be read takes nothing away: what was
/// read before holds on, and without any, nothing is known to be invalid.
/// </summary>
internal sealed partial class RoaFile(SiloOptions options, TimeProvider time, ILogger<RoaFile> log) : BackgroundService
{
    /// <summary>How often is looked whether the file is another one: validators write every ten minutes or so, operators mend by hand.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile RoaTable? _table;
    private (DateTime Written, long Length)? _seen;

    public bool HasTable => _table is not null;

    /// <summary>One message for each prefix whose announcement would be invalid; empty also without a file.</summary>
    public ImmutableArray<string> Refuses(uint asn, IEnumerable<IPNetwork> prefixes) =>
        _table is { } table ? RoaCheck.Of(table, asn, prefixes) : [];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the API answers: the first change counts as much as the others.
        await LookAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.RoaFile is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (options.RoaFile is not { } path)
        {
            return;
        }

        try
        {
            var info = new FileInfo(path);
            (DateTime, long) now = (info.LastWriteTimeUtc, info.Length);
            if (_seen == now)
            {
                return;
            }

            _seen = now;
            RoaReadResult read;
            await using (FileStream file = File.OpenRead(path))
            {
                read = await RoaReader.ReadAsync(file, cancellationToken);
            }

            if (read.Table is { } table)
            {
                _table = table;
                LogRead(path, table.Count);
            }
            else
            {
                LogUnusable(path, read.Error!, _table?.Count ?? 0);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (_seen is not null)
            {
                LogUnusable(path, error.Message, _table?.Count ?? 0);
            }

            _seen = null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "ROAs of {Path}: {Count} in force")]
    private partial void LogRead(string path, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "ROAs of {Path} cannot be used: {Reason}. The {Count} read before stay in force; mend the export")]
    private partial void LogUnusable(string path, string reason, int count);
}
