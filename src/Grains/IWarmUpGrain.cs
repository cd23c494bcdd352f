using Orleans;
using Orleans.Concurrency;

namespace OrleansCdn.Grains;

/// <summary>Warms the caches of a PoP that is to be announced again. In memory: who waits asks again. Key: PoP id.</summary>
[Alias("OrleansCdn.IWarmUpGrain")]
public interface IWarmUpGrain : IGrainWithStringKey
{
    /// <summary>Begins to warm the PoP, unless that is under way; the same id is the same warm-up, also after a restart.</summary>
    /// <param name="id">Of the announcement that waits.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    /// <returns>Whether it is done, or cannot be.</returns>
    [Alias("Want")]
    [AlwaysInterleave]
    Task<bool> WantAsync(long id, CancellationToken cancellationToken);
}
