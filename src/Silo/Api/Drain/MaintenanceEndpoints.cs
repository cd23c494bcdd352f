using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Drain;

/// <summary>Times in which PoPs are drained: planned, listed, taken back.</summary>
internal sealed partial class MaintenanceEndpoints(IGrainFactory grains, RefusedPurges refusals, TimeProvider time, ILogger<MaintenanceEndpoints> log)
{
    /// <summary>A reason and two times.</summary>
    private const int MaxBodyBytes = 4 * 1024;

    private IEligibilityGrain Desk => grains.GetGrain<IEligibilityGrain>(GrainKeys.Cluster);

    public static void Map(IEndpointRouteBuilder routes)
    {
        MaintenanceEndpoints endpoints = routes.ServiceProvider.GetRequiredService<MaintenanceEndpoints>();
        routes.MapGet(ApiRoutes.Maintenance, endpoints.ListAsync)
            .RequireScope(Scope.Drain, Scope.Read)
            .WithName("GetMaintenance").WithSummary("Maintenance windows: to come, in force, and over.").Produces<MaintenanceReply>();
        Describe(routes.MapPost(ApiRoutes.Maintenance, endpoints.PlanAsync))
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithName("PlanMaintenance").WithSummary("Plans that a PoP is drained from one time until another.");
        Describe(routes.MapDelete(ApiRoutes.MaintenanceWindow, endpoints.RemoveAsync))
            .WithName("RemoveMaintenance").WithSummary("Takes a maintenance window back; one in force ends now.");

        static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint) => endpoint
            .RequireScope(Scope.Drain)
            .Produces<MaintenanceWindow>()
            .Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status409Conflict, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    private async Task<IResult> ListAsync(CancellationToken cancellationToken) =>
        TypedResults.Ok(new MaintenanceReply { Windows = await Desk.WindowsAsync(cancellationToken) });

    private async Task<IResult> PlanAsync(MaintenanceRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (DrainEndpoints.WrongWhy(request.Why) is { } wrong)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, wrong);
        }

        var order = new MaintenanceOrder
        {
            Pop = request.Pop,
            From = request.From.ToUniversalTime(),
            Until = request.Until.ToUniversalTime(),
            Who = context.User.Identity?.Name ?? "",
            Caller = context.Connection.RemoteIpAddress?.ToString(),
            Why = string.IsNullOrWhiteSpace(request.Why) ? null : request.Why,
            Force = request.Force,
        };
        return Answer(await Desk.PlanAsync(order, cancellationToken), order.Who, order.Caller, order.Pop);
    }

    private async Task<IResult> RemoveAsync(string id, string? why, HttpContext context, CancellationToken cancellationToken)
    {
        if (DrainEndpoints.WrongWhy(why) is { } wrong)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, wrong);
        }

        var removal = new MaintenanceRemoval(id, context.User.Identity?.Name ?? "", context.Connection.RemoteIpAddress?.ToString(), string.IsNullOrWhiteSpace(why) ? null : why);
        return Answer(await Desk.RemoveWindowAsync(removal, cancellationToken), removal.Who, removal.Caller, id);
    }

    private IResult Answer(MaintenanceOutcome outcome, string who, string? from, string what)
    {
        if (outcome.Verdict is MaintenanceVerdict.Done or MaintenanceVerdict.Unchanged)
        {
            return TypedResults.Ok(outcome.Window!);
        }

        string detail = DrainEndpoints.Sentence(outcome.Error!);
        if (refusals.Add(time.GetUtcNow(), who, from, AuditAction.Maintenance, what, detail))
        {
            string printable = RefusedPurges.Printable(detail);
            LogRefused(who, from, printable);
        }

        return outcome.Verdict switch
        {
            MaintenanceVerdict.UnknownPop or MaintenanceVerdict.UnknownWindow => Problems.Of(StatusCodes.Status404NotFound, detail),
            MaintenanceVerdict.NoConfig => Problems.Of(StatusCodes.Status409Conflict, detail),
            MaintenanceVerdict.Overlaps => Problems.Of(StatusCodes.Status409Conflict, detail),
            MaintenanceVerdict.Invalid => Problems.Of(StatusCodes.Status422UnprocessableEntity, detail),
            _ => throw new UnreachableException($"no such verdict: {outcome.Verdict}"),
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Maintenance by {Who} from {From} is refused: {Detail}")]
    private partial void LogRefused(string who, string? from, string detail);
}
