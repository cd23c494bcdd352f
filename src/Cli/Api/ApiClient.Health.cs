using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>Whether servers are well.</summary>
internal sealed partial class ApiClient
{
    /// <param name="pop">Null: every PoP.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<HealthReply> HealthAsync(string? pop, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ApiRoutes.Servers + Query(("pop", pop)), null, ContractsJson.Default.HealthReply, cancellationToken);
}
