using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Api;

namespace OrleansCdn.Silo.Prewarm;

/// <summary>Begins the job that fetches again what a soft purge has made stale.</summary>
internal sealed partial class PurgeRefresher(IGrainFactory grains, ILogger<PurgeRefresher> log)
{
    /// <summary>The same purge has the same job, also when the request comes again with its key, or after a crash between the two.</summary>
    public static string JobOf(string purge) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes("refresh:" + purge)).AsSpan(0, 16)).ToString("N");

    /// <summary>The purge is durable already: whatever happens here, it is answered.</summary>
    public async Task<PurgeRefresh> BeginAsync(PurgeReceipt receipt, PurgeRequest request, CdnConfig config, CancellationToken cancellationToken)
    {
        try
        {
            (PrewarmOrder? order, string? error) = Order(receipt, request, config);
            if (order is null)
            {
                return new PurgeRefresh(null, error);
            }

            PrewarmCreated created = await grains.GetGrain<IPrewarmDirectoryGrain>(GrainKeys.Cluster).CreateAsync(order, cancellationToken);
            return created.Id is { } id
                ? new PurgeRefresh(id, null)
                : new PurgeRefresh(null, "Too many refreshes wait: what is stale is refreshed when it is asked for.");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotBegun(receipt.Id, failure);
            return new PurgeRefresh(null, "The refresh could not be begun: what is stale is refreshed when it is asked for.");
        }
    }

    private static (PrewarmOrder? Order, string? Error) Order(PurgeReceipt receipt, PurgeRequest request, CdnConfig config)
    {
        // URLs are known; of everything else the edges have to be asked, when it is the job's turn.
        (ImmutableArray<string> urls, string? error) = receipt.Kind == PurgeKind.Url ? PrewarmRequestReader.ReadUrls(request.Values, config, receipt.Site) : ([], null);
        (PurgeAppend? append, error) = error is null ? PurgeRequestReader.Read(request, config, receipt.Who) : (null, error);
        if (append is null)
        {
            return (null, error);
        }

        return (new PrewarmOrder
        {
            Id = JobOf(receipt.Id),
            Site = receipt.Site,
            Source = $"refresh after purge {receipt.Id}",
            Who = receipt.Who,
            From = receipt.From,
            Lane = PrewarmLane.Refresh,
            Urls = urls,
            Plan = receipt.Kind == PurgeKind.Url ? null : new PrewarmPlan { Kind = receipt.Kind, Values = append.Values, Top = PurgeRefresh.MaxUrls },
            Edges = [.. from pop in config.Pops from edge in pop.Edges select new PrewarmEdge(pop.Id, edge.Name)],
            Shield = config.FindSite(receipt.Site)?.Shield,
            RequestsPerSecond = PrewarmRequest.DefaultRequestsPerSecond,
            Encodings = [.. Enum.GetValues<PrewarmEncoding>()],
        }, null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The refresh after purge {Id} could not be begun")]
    private partial void LogNotBegun(string id, Exception error);
}
