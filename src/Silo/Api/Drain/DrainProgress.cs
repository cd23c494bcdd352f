using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api.Drain;

/// <summary>How far an eligibility has come at every PoP of the config.</summary>
internal sealed partial class DrainProgress(IGrainFactory grains, TimeProvider time, ILogger<DrainProgress> log)
{
    /// <param name="epoch">Of the eligibility.</param>
    /// <param name="config">Its PoPs are asked.</param>
    /// <param name="wait">Zero: as it stands now.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    public async Task<ImmutableArray<EligibilityPopState>> AskAsync(long epoch, CdnConfig config, TimeSpan wait, CancellationToken cancellationToken) =>
        [.. await Task.WhenAll(config.Pops.Select(pop => AskPopAsync(epoch, pop, wait, cancellationToken)))];

    private async Task<EligibilityPopState> AskPopAsync(long epoch, PopConfig pop, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            return await LongWait.AskAsync(
                wait,
                time,
                left => grains.GetGrain<IPopGrain>(pop.Id).WaitForEligibilityAsync(new EligibilityWait(epoch, left), cancellationToken),
                state => state.Edges.Any(edge => edge.Connected && !edge.Confirmed));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogUnreachable(pop.Id, epoch, error);
            return new EligibilityPopState { Pop = pop.Id, Edges = [.. pop.Edges.Select(edge => new EligibilityEdgeState(edge.Name, Connected: false, Confirmed: false))] };
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not be asked about eligibility {Epoch}")]
    private partial void LogUnreachable(string pop, long epoch, Exception error);
}
