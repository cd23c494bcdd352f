using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Silo.Tests.Routing;

/// <summary>The routes of the API by name.</summary>
internal static class RouteApi
{
    public static Task<HttpResponseMessage> ChangeAsync(this ApiClient api, RouteChangeRequest request, string? key = null) => api.SendAsync(
        HttpMethod.Post,
        ApiRoutes.RouteChanges,
        JsonContent.Create(request, ContractsJson.Default.RouteChangeRequest),
        key is null ? [] : [(ApiRoutes.IdempotencyKey, key)]);

    public static async Task<RouteChangeReply> ChangedAsync(this ApiClient api, RouteChangeRequest request, string? key = null) =>
        await ApiClient.Ok(await api.ChangeAsync(request, key), ContractsJson.Default.RouteChangeReply);

    public static Task<HttpResponseMessage> RollbackAsync(this ApiClient api, string pop, string upstream, RouteRollbackRequest request) =>
        api.SendAsync(HttpMethod.Post, Path(ApiRoutes.RouteRollback, pop, upstream), JsonContent.Create(request, ContractsJson.Default.RouteRollbackRequest));

    public static async Task<RoutesReply> RoutesAsync(this ApiClient api, string query = "") =>
        await ApiClient.Ok(await api.GetAsync(ApiRoutes.Routes + query), ContractsJson.Default.RoutesReply);

    /// <summary>One upstream, once it is as wanted.</summary>
    public static async Task<UpstreamRoutes> UpstreamAsync(this ApiClient api, string pop, string upstream, Func<UpstreamRoutes, bool>? wanted = null)
    {
        for (int attempt = 0; ; attempt++)
        {
            RoutesReply reply = await api.RoutesAsync($"?pop={pop}&upstream={upstream}");
            UpstreamRoutes found = Assert.Single(Assert.Single(reply.Pops).Upstreams);
            if (wanted?.Invoke(found) != false)
            {
                return found;
            }

            Assert.True(attempt < 1000, $"still not as wanted: {string.Join("; ", found.Difference)}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public static async Task<IntentVersion[]> HistoryAsync(this ApiClient api, string pop, string upstream) =>
        [.. (await ApiClient.Ok(await api.GetAsync(Path(ApiRoutes.RouteHistory, pop, upstream)), ContractsJson.Default.RouteHistoryReply)).Versions];

    public static async Task<ScheduleAt[]> SchedulesAsync(this ApiClient api) =>
        [.. (await ApiClient.Ok(await api.GetAsync(ApiRoutes.RouteSchedules), ContractsJson.Default.SchedulesReply)).Schedules];

    public static async Task<BgpSessionsReply> SessionsAsync(this ApiClient api, string query = "") =>
        await ApiClient.Ok(await api.GetAsync(ApiRoutes.BgpSessions + query), ContractsJson.Default.BgpSessionsReply);

    public static Task<HttpResponseMessage> CancelAsync(this ApiClient api, ScheduleAt at, string query = "") => api.SendAsync(
        HttpMethod.Delete, Path(ApiRoutes.RouteSchedule, at.Pop, at.Upstream).Replace("{id}", at.Schedule.Id, StringComparison.Ordinal) + query);

    private static string Path(string route, string pop, string upstream) =>
        route.Replace("{pop}", pop, StringComparison.Ordinal).Replace("{upstream}", upstream, StringComparison.Ordinal);
}
