using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Primitives;
using Orleans;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Rpki;

namespace OrleansCdn.Silo.Api.Routing;

/// <summary>To change routes, or to see what a change would do.</summary>
internal sealed partial class RouteChangeEndpoints(IGrainFactory grains, RefusedPurges refusals, OriginGate origins, TimeProvider time, ILogger<RouteChangeEndpoints> log)
{
    /// <summary>A change of a few hundred bytes with the versions of all upstreams of 64 PoPs.</summary>
    private const int MaxBodyBytes = 256 * 1024;

    /// <summary>The beginning of a list of mistakes tells what it is about.</summary>
    private const int MaxLoggedDetail = 500;

    private IRouteDeskGrain Desk => grains.GetGrain<IRouteDeskGrain>(GrainKeys.Cluster);

    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteChangeEndpoints endpoints = routes.ServiceProvider.GetRequiredService<RouteChangeEndpoints>();
        Describe(routes.MapPost(ApiRoutes.RouteChanges, endpoints.ChangeAsync))
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithName("ChangeRoutes").WithSummary("Sets what upstreams, carriers behind them or single prefixes see, now or later; with 'dryRun' shows before and after.");
        Describe(routes.MapPost(ApiRoutes.RouteRollback, endpoints.RollbackAsync))
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithName("RollbackRoutes").WithSummary("Makes an earlier intent of an upstream its newest version.");
        Describe(routes.MapDelete(ApiRoutes.RouteSchedule, endpoints.CancelAsync))
            .WithName("DeleteRouteSchedule").WithSummary("Drops a change that is to come; one in force ends now.");

        static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint) => endpoint
            .RequireScope(Scope.Route)
            .Produces<RouteChangeReply>()
            .Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status409Conflict, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    private Task<IResult> ChangeAsync(RouteChangeRequest request, HttpContext context, CancellationToken cancellationToken) => AnswerAsync(
        context,
        request.Why,
        JsonSerializer.SerializeToUtf8Bytes(request, ContractsJson.Default.RouteChangeRequest),
        $"{request.Pop}/{request.Upstream ?? "*"} {request.Carrier} {request.Action}",
        (author, isDryRun) => Desk.ChangeAsync(
            new RouteOrder
            {
                Request = request with { DryRun = request.DryRun || isDryRun },
                Author = author with { Force = request.Force, OverrideRpki = request.OverrideRpki },
            },
            cancellationToken),
        mayBeInvalid: request.OverrideRpki,
        cancellationToken);

    private Task<IResult> RollbackAsync(string pop, string upstream, RouteRollbackRequest request, HttpContext context, CancellationToken cancellationToken) => AnswerAsync(
        context,
        request.Why,
        JsonSerializer.SerializeToUtf8Bytes(request, ContractsJson.Default.RouteRollbackRequest),
        $"{pop}/{upstream} back to {request.Version}",
        (author, isDryRun) => Desk.RollbackAsync(
            new RouteRollbackOrder
            {
                Pop = pop,
                Upstream = upstream,
                Request = request with { DryRun = request.DryRun || isDryRun },
                Author = author with { Force = request.Force, OverrideRpki = request.OverrideRpki },
            },
            cancellationToken),
        mayBeInvalid: request.OverrideRpki,
        cancellationToken);

    private Task<IResult> CancelAsync(
        string pop, string upstream, string id, bool? force, string? why, HttpContext context, CancellationToken cancellationToken) => AnswerAsync(
        context,
        why,
        [],
        $"{pop}/{upstream} without schedule {id}",
        (author, _) => Desk.CancelScheduleAsync(
            new ScheduleCancelOrder(pop, upstream, id, author with { RequestId = null, Force = force ?? false }), cancellationToken),
        mayBeInvalid: true,
        cancellationToken);

    /// <param name="context">Of the request.</param>
    /// <param name="why">The caller's reason.</param>
    /// <param name="request">As octets, for its idempotency key.</param>
    /// <param name="what">In short, for the audit trail.</param>
    /// <param name="order">Does it; true: only shows what it would do.</param>
    /// <param name="mayBeInvalid">ROAs are not asked: the operator says so, or nothing is announced by it.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    private async Task<IResult> AnswerAsync(
        HttpContext context,
        string? why,
        byte[] request,
        string what,
        Func<RouteAuthor, bool, Task<RouteOutcome>> order,
        bool mayBeInvalid,
        CancellationToken cancellationToken)
    {
        if (why is { Length: > RouteChangeRequest.MaxWhyLength })
        {
            return Problems.Of(
                StatusCodes.Status422UnprocessableEntity, $"'why' has {why.Length} characters, at most {RouteChangeRequest.MaxWhyLength} are allowed.");
        }

        var author = new RouteAuthor { Who = context.User.Identity?.Name ?? "", From = context.Connection.RemoteIpAddress?.ToString(), Why = why };
        StringValues key = context.Request.Headers[ApiRoutes.IdempotencyKey];
        if (key.Count > 0)
        {
            if (key.Count > 1 || key.ToString() is not { Length: > 0 and <= ApiRoutes.MaxIdempotencyKeyLength } text)
            {
                return Problems.Of(
                    StatusCodes.Status422UnprocessableEntity, $"'{ApiRoutes.IdempotencyKey}' is one text of 1 to {ApiRoutes.MaxIdempotencyKeyLength} characters, for example a UUID.");
            }

            author = author with { RequestId = Id(author.Who, text, request) };
        }

        if (!mayBeInvalid && origins.HasRoas && await order(author, true) is { Verdict: RouteVerdict.Done, Reply: { } preview }
            && await origins.OfRoutesAsync(preview, cancellationToken) is { IsEmpty: false } invalid)
        {
            string refusal = string.Join("; ", invalid);
            Refused(author, what, refusal);
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, $"{refusal}. {OriginGate.HowToOverride}.");
        }

        RouteOutcome outcome = await order(author, false);
        if (outcome.Verdict == RouteVerdict.Done)
        {
            return TypedResults.Ok(outcome.Reply!);
        }

        string detail = string.Join("; ", outcome.Errors);
        Refused(author, what, detail);
        return outcome.Verdict switch
        {
            RouteVerdict.Conflict or RouteVerdict.NoConfig => Problems.Of(StatusCodes.Status409Conflict, detail),
            RouteVerdict.Unknown => Problems.Of(StatusCodes.Status404NotFound, detail),
            RouteVerdict.LastPath => Problems.Of(StatusCodes.Status422UnprocessableEntity, detail + ". Visitors could not reach this CDN any more; 'force' (--force) does it all the same."),
            _ => Problems.Of(StatusCodes.Status422UnprocessableEntity, detail),
        };
    }

    private void Refused(RouteAuthor author, string what, string detail)
    {
        string shortened = detail.Length <= MaxLoggedDetail ? detail : detail[..(MaxLoggedDetail - 1)] + "…";
        if (refusals.Add(time.GetUtcNow(), author.Who, author.From, AuditAction.Route, what, shortened))
        {
            string printable = RefusedPurges.Printable(shortened);
            LogRefused(author.Who, author.From, printable);
        }
    }

    /// <summary>The same key with something else to do is another request.</summary>
    private static string Id(string who, string key, byte[] request) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{who.Length}:{who}{key.Length}:{key}"), .. request]))[..32];

    [LoggerMessage(Level = LogLevel.Information, Message = "A route change by {Who} from {From} is refused: {Detail}")]
    private partial void LogRefused(string who, string? from, string detail);
}
