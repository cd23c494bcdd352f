using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api;

/// <summary>How far a purge has come at every PoP of the config.</summary>
internal sealed partial class PurgeProgress(IGrainFactory grains, TimeProvider time, ILogger<PurgeProgress> log)
{
    /// <param name="receipt">Of the purge.</param>
    /// <param name="config">Its PoPs are asked; null: none.</param>
    /// <param name="wait">Zero: as it stands now.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    public async Task<ImmutableArray<PurgePopState>> AskAsync(
        PurgeReceipt receipt, CdnConfig? config, TimeSpan wait, CancellationToken cancellationToken) =>
        [.. await Task.WhenAll((config?.Pops ?? []).Select(pop => AskPopAsync(receipt, pop, wait, cancellationToken)))];

    /// <summary>Done everywhere; partial when edges are missing; else on its way.</summary>
    /// <param name="pops">Of all PoPs.</param>
    /// <param name="waited">The caller's deadline is over: what is missing now is missing.</param>
    public static PurgeState Summary(ImmutableArray<PurgePopState> pops, bool waited) =>
        pops.All(p => p.State == PurgeState.Done) ? PurgeState.Done
        : waited || pops.Any(p => p.State == PurgeState.Partial) ? PurgeState.Partial
        : PurgeState.Accepted;

    private async Task<PurgePopState> AskPopAsync(PurgeReceipt receipt, PopConfig pop, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            return await LongWait.AskAsync(
                wait,
                time,
                left => grains.GetGrain<IPopGrain>(pop.Id).WaitForAsync(
                    new PurgeWait { Cursor = receipt.Cursor, Since = receipt.When, Wait = left }, cancellationToken),
                state => state.Edges.Any(e => e.Connected && !e.Acknowledged));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogUnreachable(pop.Id, receipt.Id, error);
            return new PurgePopState
            {
                Pop = pop.Id,
                State = PurgeState.Partial,
                Edges = [.. pop.Edges.Select(e => new PurgeEdgeState { Edge = e.Name, Connected = false, Acknowledged = false })],
            };
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not be asked about purge {Id}")]
    private partial void LogUnreachable(string pop, string id, Exception error);
}
