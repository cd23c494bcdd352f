using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>PoPs out of service, and back.</summary>
internal sealed partial class ApiClient
{
    public Task<DrainReply> DrainAsync(string pop, DrainAction action, DrainRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        WithPart(action == DrainAction.Drain ? ApiRoutes.Drain : ApiRoutes.Undrain, "pop", pop),
        JsonContent.Create(request, ContractsJson.Default.DrainRequest),
        ContractsJson.Default.DrainReply,
        cancellationToken);
}
