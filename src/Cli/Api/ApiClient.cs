using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>
/// The silo's HTTP API as methods. Whatever goes wrong is a <see cref="CommandFailure"/> that says what to do next.
/// </summary>
internal sealed partial class ApiClient : IDisposable
{
    // The longest call is a purge that waits for its deadline (at most 60 s, PurgeRequest.DeadlineMs), plus what a slow link adds.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(75);

    // A config text of 1 MiB as a JSON string can double; nothing that the API answers is larger.
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly Uri _api;

    public ApiClient(Uri api, string token, HttpMessageHandler? handler = null)
    {
        _api = api;
        _http = new HttpClient(handler ?? new SocketsHttpHandler { UseProxy = !api.IsLoopback, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(api.GetLeftPart(UriPartial.Authority)),
            Timeout = CallTimeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public Task<StatusReply> StatusAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ApiRoutes.Status, null, ContractsJson.Default.StatusReply, cancellationToken);

    /// <param name="version">Null: the one in force.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ConfigVersionReply> ConfigAsync(long? version, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Get,
            version is null ? ApiRoutes.Config : WithPart(ApiRoutes.ConfigVersion, "version", version.Value.ToString(CultureInfo.InvariantCulture)),
            null,
            ContractsJson.Default.ConfigVersionReply,
            cancellationToken);

    public Task<ConfigHistoryReply> HistoryAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ApiRoutes.ConfigHistory, null, ContractsJson.Default.ConfigHistoryReply, cancellationToken);

    /// <param name="yaml">The config's text.</param>
    /// <param name="dryRun">Only compare.</param>
    /// <param name="expectedVersion">Refused with a conflict when another version is in force; null: whatever is.</param>
    /// <param name="why">For the history.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="overrideRpki">Also when a ROA does not allow what would be announced.</param>
    public Task<ConfigApplyReply> ApplyAsync(
        string yaml, bool dryRun, long? expectedVersion, string? why, CancellationToken cancellationToken, bool overrideRpki = false)
    {
        var query = new StringBuilder(ApiRoutes.Config).Append("?dryRun=").Append(dryRun ? "true" : "false");
        if (expectedVersion is not null)
        {
            query.Append("&expectedVersion=").Append(expectedVersion.Value.ToString(CultureInfo.InvariantCulture));
        }

        if (why is not null)
        {
            query.Append("&why=").Append(Uri.EscapeDataString(why));
        }

        if (overrideRpki)
        {
            query.Append("&overrideRpki=true");
        }

        var content = new StringContent(yaml, Encoding.UTF8, "application/yaml");
        return SendAsync(HttpMethod.Put, query.ToString(), content, ContractsJson.Default.ConfigApplyReply, cancellationToken);
    }

    public Task<ConfigApplyReply> RollbackAsync(ConfigRollbackRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            ApiRoutes.ConfigRollback,
            JsonContent.Create(request, ContractsJson.Default.ConfigRollbackRequest),
            ContractsJson.Default.ConfigApplyReply,
            cancellationToken);

    /// <param name="request">What to purge.</param>
    /// <param name="key">The same key within a day is the same purge; null: it is one of its own.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<PurgeReply> PurgeAsync(PurgeRequest request, string? key, CancellationToken cancellationToken)
    {
        JsonContent content = JsonContent.Create(request, ContractsJson.Default.PurgeRequest);
        return SendAsync(HttpMethod.Post, ApiRoutes.Purges, content, ContractsJson.Default.PurgeReply, cancellationToken, key);
    }

    public Task<PurgeReply> PurgeStateAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, WithPart(ApiRoutes.Purge, "id", id), null, ContractsJson.Default.PurgeReply, cancellationToken);

    /// <param name="site">Null: of every site.</param>
    /// <param name="who">Name of a token; null: of every one.</param>
    /// <param name="since">Null: as far as it goes back.</param>
    /// <param name="limit">Longest list.</param>
    /// <param name="after">Where an earlier list ended; null: the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<AuditReply> AuditAsync(
        string? site, string? who, DateTimeOffset? since, int limit, string? after, CancellationToken cancellationToken)
    {
        var query = new StringBuilder(ApiRoutes.Audit).Append("?limit=").Append(limit.ToString(CultureInfo.InvariantCulture));
        foreach ((string name, string? value) in new[] { ("site", site), ("who", who), ("since", since?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)), ("after", after) })
        {
            if (value is not null)
            {
                query.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return SendAsync(HttpMethod.Get, query.ToString(), null, ContractsJson.Default.AuditReply, cancellationToken);
    }

    public Task<ExplainReply> ExplainAsync(ExplainRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            ApiRoutes.Explain,
            JsonContent.Create(request, ContractsJson.Default.ExplainRequest),
            ContractsJson.Default.ExplainReply,
            cancellationToken);

    /// <param name="request">With <see cref="PurgeRequest.DryRun"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<CoverageReply> TryPurgeAsync(PurgeRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            ApiRoutes.Purges,
            JsonContent.Create(request, ContractsJson.Default.PurgeRequest),
            ContractsJson.Default.CoverageReply,
            cancellationToken);

    /// <param name="site">Site id.</param>
    /// <param name="tag">Null: which are used most.</param>
    /// <param name="pop">Null: all PoPs.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<CoverageReply> TagsAsync(string site, string? tag, string? pop, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get, WithPart(ApiRoutes.Tags, "site", site) + Query(("tag", tag), ("pop", pop)), null, ContractsJson.Default.CoverageReply, cancellationToken);

    /// <param name="site">Site id.</param>
    /// <param name="count">Null: the API's own.</param>
    /// <param name="pop">Null: all PoPs.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<PopularityView> TopAsync(string site, int? count, string? pop, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get,
        WithPart(ApiRoutes.Top, "site", site) + Query(("n", count?.ToString(CultureInfo.InvariantCulture)), ("pop", pop)),
        null,
        ContractsJson.Default.PopularityView,
        cancellationToken);

    public Task<PrewarmReply> PrewarmAsync(PrewarmRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            ApiRoutes.Prewarms,
            JsonContent.Create(request, ContractsJson.Default.PrewarmRequest),
            ContractsJson.Default.PrewarmReply,
            cancellationToken);

    public Task<PrewarmReply> PrewarmStateAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, WithPart(ApiRoutes.Prewarm, "id", id), null, ContractsJson.Default.PrewarmReply, cancellationToken);

    public Task<PrewarmListReply> PrewarmsAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ApiRoutes.Prewarms, null, ContractsJson.Default.PrewarmListReply, cancellationToken);

    /// <param name="route">Of the command.</param>
    /// <param name="id">Of the job.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<PrewarmReply> PrewarmCommandAsync(string route, string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, WithPart(route, "id", id), null, ContractsJson.Default.PrewarmReply, cancellationToken);

    /// <summary>True when the silo says that it is healthy; never throws for a silo that is not there.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(ApiRoutes.Health, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What is null is left out.</summary>
    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var query = new StringBuilder();
        foreach ((string name, string? value) in parts)
        {
            if (value is not null)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return query.ToString();
    }

    private static string WithPart(string route, string name, string value) =>
        route.Replace("{" + name + "}", Uri.EscapeDataString(value), StringComparison.Ordinal);

    private async Task<T> SendAsync<T>(
        HttpMethod method, string target, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, target) { Content = content };
        if (idempotencyKey is not null)
        {
            request.Headers.Add(ApiRoutes.IdempotencyKey, idempotencyKey);
        }

        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, cancellationToken);
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            throw new CommandFailure(
                ExitCode.Failed,
                $"no answer from {_http.BaseAddress}: {e.InnerException?.Message ?? e.Message}",
                $"Is a silo running there? Choose another with --api or {ApiOptions.ApiVariable}; 'cdn lab' starts one.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailure(
                ExitCode.Failed,
                $"{_http.BaseAddress} did not answer within {CallTimeout.TotalSeconds:0} s",
                "Look at the silo's log; what was asked may still be done.");
        }

        using (answer)
        {
            if (!answer.IsSuccessStatusCode)
            {
                throw await RefusedAsync(answer, cancellationToken);
            }

            try
            {
                return await answer.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException("null");
            }
            catch (JsonException)
            {
                throw new CommandFailure(
                    ExitCode.Failed,
                    $"{_api} answers {method} {target} with something that is not this API",
                    "Check --api: it must be a silo's API, of this command line's version or near it.");
            }
        }
    }

    private async Task<CommandFailure> RefusedAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        ApiProblem? problem = null;
        try
        {
            problem = await answer.Content.ReadFromJsonAsync(ContractsJson.Default.ApiProblem, cancellationToken);
        }
        catch (Exception e) when (TransportFailure.Is(e) || e is JsonException or NotSupportedException or InvalidOperationException)
        {
            // Not an answer of this API (a proxy's page, for example): the status has to do.
        }

        string message = problem?.Detail ?? problem?.Title ?? $"{_http.BaseAddress} answered {(int)answer.StatusCode}";
        string? hint = answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => $"Give a valid token with --token or {ApiOptions.TokenVariable}.",
            HttpStatusCode.Forbidden => "Use a token that has the scope for this.",
            HttpStatusCode.TooManyRequests => "Wait a little and try again.",
            HttpStatusCode.Conflict => "Run the command again to see the difference to what is in force now.",
            _ => null,
        };
        problem ??= new ApiProblem { Title = message, Status = (int)answer.StatusCode, Detail = hint };
        return new CommandFailure(ExitCode.Failed, message, hint, problem);
    }
}
