using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Dns;

/// <summary>The keys of signed zones: to look at them, and to change them. Secrets are in no answer.</summary>
internal sealed partial class DnsKeyEndpoints(IGrainFactory grains, RefusedPurges refusals, TimeProvider time, ILogger<DnsKeyEndpoints> log)
{
    /// <summary>A reason, and some numbers.</summary>
    private const int MaxBodyBytes = 16 * 1024;

    /// <summary>A DS record's time to live: a month is far above what parents have.</summary>
    private const int MaxDsTtlSeconds = 31 * 86_400;

    private IDnsDeskGrain Desk => grains.GetGrain<IDnsDeskGrain>(GrainKeys.Cluster);

    public static void Map(IEndpointRouteBuilder routes)
    {
        DnsKeyEndpoints endpoints = routes.ServiceProvider.GetRequiredService<DnsKeyEndpoints>();
        routes.MapGet(ApiRoutes.DnsKeys, endpoints.ShowAsync)
            .RequireScope(Scope.Read, Scope.Dns)
            .WithName("GetDnsKeys").WithSummary("The keys of a signed zone, what each waits for, the DS records that the parent is to have, and what has happened.")
            .Produces<DnsKeysReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json");
        routes.MapPost(ApiRoutes.DnsKeys, endpoints.ChangeAsync)
            .RequireScope(Scope.Dns)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithName("ChangeDnsKeys").WithSummary("Begins a key change, or says that the parent's DS records have changed.")
            .Produces<DnsKeysReply>()
            .Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status409Conflict, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    private async Task<IResult> ShowAsync(string zone, CancellationToken cancellationToken) =>
        await Desk.ViewAsync(Name(zone), cancellationToken) is { } keys ? TypedResults.Ok(keys) : Unknown(zone);

    private async Task<IResult> ChangeAsync(string zone, DnsKeyRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        string? wrong = !Enum.IsDefined(request.Action) ? "'action' is none that is known"
            : request.Role is { } role && !Enum.IsDefined(role) ? "'role' is none that is known"
            : request.DsTtlSeconds is < 0 or > MaxDsTtlSeconds ? $"'dsTtlSeconds' is 0 to {MaxDsTtlSeconds}"
            : request.Reason is { Length: > RouteChangeRequest.MaxWhyLength } ? $"'reason' has at most {RouteChangeRequest.MaxWhyLength} characters"
            : null;
        if (wrong is not null)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, wrong + ".");
        }

        var order = new DnsKeyOrder { Request = request, Who = context.User.Identity?.Name ?? "", From = context.Connection.RemoteIpAddress?.ToString() };
        if (await Desk.ChangeAsync(Name(zone), order, cancellationToken) is not { } outcome)
        {
            return Unknown(zone);
        }

        if (outcome.Verdict != DnsKeyVerdict.Refused)
        {
            return TypedResults.Ok(outcome.Keys);
        }

        Refused(order, outcome.Keys.Zone, outcome.Error ?? "");
        return Problems.Of(StatusCodes.Status409Conflict, outcome.Error + ".");
    }

    /// <summary>As configs have it.</summary>
    private static string Name(string zone) => zone.TrimEnd('.').ToLowerInvariant();

    private static JsonHttpResult<ApiProblem> Unknown(string zone) =>
        Problems.Of(StatusCodes.Status404NotFound, $"There is no zone '{zone}' in the config in force, and none that was signed before.");

    private void Refused(DnsKeyOrder order, string zone, string detail)
    {
        if (refusals.Add(time.GetUtcNow(), order.Who, order.From, AuditAction.DnsKey, $"{zone} {order.Request.Action}", detail))
        {
            LogRefused(zone, order.Request.Action, order.Who, order.From, detail);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Zone {Zone}: {Action} by {Who} from {From} is refused: {Detail}")]
    private partial void LogRefused(string zone, DnsKeyAction action, string who, string? from, string detail);
}
