using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>Routes and BGP sessions.</summary>
internal sealed partial class ApiClient
{
    /// <param name="pop">Null: all PoPs.</param>
    /// <param name="upstream">Null: all upstreams.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<RoutesReply> RoutesAsync(string? pop, string? upstream, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get, ApiRoutes.Routes + Query(("pop", pop), ("upstream", upstream)), null, ContractsJson.Default.RoutesReply, cancellationToken);

    public Task<RouteChangeReply> ChangeRoutesAsync(RouteChangeRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        ApiRoutes.RouteChanges,
        JsonContent.Create(request, ContractsJson.Default.RouteChangeRequest),
        ContractsJson.Default.RouteChangeReply,
        cancellationToken);

    public Task<RouteHistoryReply> RouteHistoryAsync(string pop, string upstream, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get, At(ApiRoutes.RouteHistory, pop, upstream), null, ContractsJson.Default.RouteHistoryReply, cancellationToken);

    public Task<RouteChangeReply> RollbackRoutesAsync(string pop, string upstream, RouteRollbackRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        At(ApiRoutes.RouteRollback, pop, upstream),
        JsonContent.Create(request, ContractsJson.Default.RouteRollbackRequest),
        ContractsJson.Default.RouteChangeReply,
        cancellationToken);

    public Task<SchedulesReply> RouteSchedulesAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ApiRoutes.RouteSchedules, null, ContractsJson.Default.SchedulesReply, cancellationToken);

    /// <param name="schedule">What is dropped, or ends.</param>
    /// <param name="force">Also when a prefix is not announced anywhere any more.</param>
    /// <param name="why">For the history.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<RouteChangeReply> CancelRouteScheduleAsync(ScheduleAt schedule, bool force, string? why, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Delete,
        WithPart(At(ApiRoutes.RouteSchedule, schedule.Pop, schedule.Upstream), "id", schedule.Schedule.Id) + Query(("force", force ? "true" : null), ("why", why)),
        null,
        ContractsJson.Default.RouteChangeReply,
        cancellationToken);

    /// <param name="pop">Null: all PoPs.</param>
    /// <param name="upstream">Null: all upstreams.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<BgpSessionsReply> BgpSessionsAsync(string? pop, string? upstream, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get, ApiRoutes.BgpSessions + Query(("pop", pop), ("upstream", upstream)), null, ContractsJson.Default.BgpSessionsReply, cancellationToken);

    private static string At(string route, string pop, string upstream) => WithPart(WithPart(route, "pop", pop), "upstream", upstream);
}
