using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>Asks a silo who fills an object. Never throws and never outlasts the request's wait: without a silo the answer is to go on alone.</summary>
public sealed class LeaseClient
{
    public Task<LeaseReply> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public void Report(LeaseReport report) => throw new NotImplementedException();
}
