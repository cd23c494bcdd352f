using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>PoPs out of service, and back.</summary>
internal sealed partial class ApiClient
{
    /// <param name="edge">Name of an edge; null: the whole PoP.</param>
    public Task<DrainReply> DrainAsync(string pop, string? edge, DrainAction action, DrainRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        edge is null
            ? WithPart(action == DrainAction.Drain ? ApiRoutes.Drain : ApiRoutes.Undrain, "pop", pop)
            : WithPart(WithPart(action == DrainAction.Drain ? ApiRoutes.DrainEdge : ApiRoutes.UndrainEdge, "pop", pop), "edge", edge),
        JsonContent.Create(request, ContractsJson.Default.DrainRequest),
        ContractsJson.Default.DrainReply,
        cancellationToken);

    /// <param name="edge">Name of an edge; null: the whole PoP.</param>
    public Task<DrainProgressReply> DrainProgressAsync(string pop, string? edge, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get,
        edge is null ? WithPart(ApiRoutes.Drain, "pop", pop) : WithPart(WithPart(ApiRoutes.DrainEdge, "pop", pop), "edge", edge),
        null,
        ContractsJson.Default.DrainProgressReply,
        cancellationToken);

    public Task<MaintenanceReply> MaintenanceAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ApiRoutes.Maintenance, null, ContractsJson.Default.MaintenanceReply, cancellationToken);

    public Task<MaintenanceWindow> PlanMaintenanceAsync(MaintenanceRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, ApiRoutes.Maintenance, JsonContent.Create(request, ContractsJson.Default.MaintenanceRequest), ContractsJson.Default.MaintenanceWindow, cancellationToken);

    public Task<MaintenanceWindow> RemoveMaintenanceAsync(string id, string? why, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Delete,
        WithPart(ApiRoutes.MaintenanceWindow, "id", id) + Query(("why", why)),
        null,
        ContractsJson.Default.MaintenanceWindow,
        cancellationToken);
}
