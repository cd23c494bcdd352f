using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains;

/// <summary>Who fills one object, and who has it. Key: <see cref="LeaseKey.Of"/>. In memory only.</summary>
[Alias("OrleansCdn.IObjectGrain")]
public interface IObjectGrain : IGrainWithStringKey
{
    /// <summary>Answers within the request's wait.</summary>
    [Alias("Acquire")]
    [AlwaysInterleave]
    Task<LeaseReply> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken);

    [Alias("Report")]
    [AlwaysInterleave]
    Task ReportAsync(LeaseReport report, CancellationToken cancellationToken);
}
