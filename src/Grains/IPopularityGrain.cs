using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains;

/// <summary>What is asked for most of one site. Key: site id. In memory only: the edges tell every few seconds.</summary>
[Alias("OrleansCdn.IPopularityGrain")]
public interface IPopularityGrain : IGrainWithStringKey
{
    /// <summary>The most popular URLs of the site, the first of them first; none are known after a start until edges have told.</summary>
    /// <param name="count">1 to <see cref="PopularityView.MaxCount"/>.</param>
    /// <param name="pop">Null: over all PoPs.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    [Alias("Top")]
    [AlwaysInterleave]
    Task<PopularityView> TopAsync(int count, string? pop, CancellationToken cancellationToken);

    /// <summary>An edge has told; what is out of bounds is dropped.</summary>
    [Alias("Report")]
    [AlwaysInterleave]
    Task ReportAsync(PopPopularity report, CancellationToken cancellationToken);
}
