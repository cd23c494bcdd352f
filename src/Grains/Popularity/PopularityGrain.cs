using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Popularity;

/// <summary>Keeps <see cref="PopularityMerge"/> of one site.</summary>
internal sealed class PopularityGrain(TimeProvider time) : Grain, IPopularityGrain
{
    private readonly SteadyClock _clock = new(time);
    private readonly PopularityMerge _merge = new();

    public Task<PopularityView> TopAsync(int count, string? pop, CancellationToken cancellationToken) =>
        Task.FromResult(_merge.Top(this.GetPrimaryKeyString(), count, pop, _clock.Now));

    public Task ReportAsync(PopPopularity report, CancellationToken cancellationToken)
    {
        _merge.Take(report, _clock.Now);
        return Task.CompletedTask;
    }
}
