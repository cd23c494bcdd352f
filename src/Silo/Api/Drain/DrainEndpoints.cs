using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Api.Routing;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Drain;

/// <summary>To drain a PoP, and to put it in service again.</summary>
internal sealed partial class DrainEndpoints(
    IGrainFactory grains, ConfigCache configs, DrainProgress progress, RefusedPurges refusals, TimeProvider time, ILogger<DrainEndpoints> log)
{
    /// <summary>A reason and three numbers.</summary>
    private const int MaxBodyBytes = 4 * 1024;

    /// <summary>Longest wait, and its durable write.</summary>
    private static readonly TimeSpan Timeout = ApiPipeline.PurgeTimeout;

    public static void Map(IEndpointRouteBuilder routes)
    {
        DrainEndpoints endpoints = routes.ServiceProvider.GetRequiredService<DrainEndpoints>();
        Describe(routes.MapPost(ApiRoutes.Drain, endpoints.DrainAsync))
            .WithName("DrainPop").WithSummary("DNS sends no more visitors to a PoP; answers when that is durable, or with 'wait' when every edge answers by it.");
        Describe(routes.MapPost(ApiRoutes.Undrain, endpoints.UndrainAsync))
            .WithName("UndrainPop").WithSummary("DNS sends visitors to a drained PoP again.");
        Describe(routes.MapPost(ApiRoutes.DrainEdge, endpoints.DrainEdgeAsync))
            .WithName("DrainEdge").WithSummary("Visitors leave one edge of several; the PoP's routes and its place in DNS stay.");
        Describe(routes.MapPost(ApiRoutes.UndrainEdge, endpoints.UndrainEdgeAsync))
            .WithName("UndrainEdge").WithSummary("Puts a drained edge in service again.");
        Describe(routes.MapPost(ApiRoutes.Pin, endpoints.PinAsync))
            .WithName("PinPop").WithSummary("A PoP's routes are announced, or withdrawn as soon as the floor allows it, whatever probes and drains say; 'announced' or 'withdrawn'.");
        Describe(routes.MapPost(ApiRoutes.Unpin, endpoints.UnpinAsync))
            .WithName("UnpinPop").WithSummary("Takes a pin away: probes and drains decide again.");

        static IEndpointConventionBuilder Describe(RouteHandlerBuilder endpoint) => endpoint
            .RequireScope(Scope.Drain)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .Produces<DrainReply>().Produces<DrainReply>(StatusCodes.Status202Accepted)
            .Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status409Conflict, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json")
            .WithRequestTimeout(Timeout);
    }

    /// <returns>What is wrong with a reason; null: nothing.</returns>
    public static string? WrongWhy(string? why) => why is not null && (why.Length > DrainRequest.MaxWhyLength || why.Any(char.IsControl))
        ? $"'why' is one line of at most {DrainRequest.MaxWhyLength} characters without control characters."
        : null;

    public static string Sentence(string error) => $"{char.ToUpperInvariant(error[0])}{error[1..]}.";

    private Task<IResult> DrainAsync(string pop, DrainRequest request, HttpContext context, CancellationToken cancellationToken) =>
        AnswerAsync(new DrainOrder { Pop = pop, Action = DrainAction.Drain, Who = "" }, request, context, cancellationToken);

    private Task<IResult> UndrainAsync(string pop, DrainRequest request, HttpContext context, CancellationToken cancellationToken) =>
        AnswerAsync(new DrainOrder { Pop = pop, Action = DrainAction.Undrain, Who = "" }, request, context, cancellationToken);

    private Task<IResult> DrainEdgeAsync(string pop, string edge, DrainRequest request, HttpContext context, CancellationToken cancellationToken) =>
        AnswerAsync(new DrainOrder { Pop = pop, Edge = edge, Action = DrainAction.Drain, Who = "" }, request, context, cancellationToken);

    private Task<IResult> UndrainEdgeAsync(string pop, string edge, DrainRequest request, HttpContext context, CancellationToken cancellationToken) =>
        AnswerAsync(new DrainOrder { Pop = pop, Edge = edge, Action = DrainAction.Undrain, Who = "" }, request, context, cancellationToken);

    private async Task<IResult> PinAsync(string pop, string pin, DrainRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        FailoverPin? wanted = pin switch { "announced" => FailoverPin.Announced, "withdrawn" => FailoverPin.Withdrawn, _ => null };
        return wanted is { } found
            ? await AnswerAsync(new DrainOrder { Pop = pop, Action = DrainAction.Pin, Pin = found, Who = "" }, request, context, cancellationToken)
            : Problems.Of(StatusCodes.Status404NotFound, "A PoP is pinned 'announced' or 'withdrawn'.");
    }

    private Task<IResult> UnpinAsync(string pop, DrainRequest request, HttpContext context, CancellationToken cancellationToken) =>
        AnswerAsync(new DrainOrder { Pop = pop, Action = DrainAction.Unpin, Who = "" }, request, context, cancellationToken);

    /// <param name="asked">What is wanted of what; who wants it, and why, is put to it here.</param>
    /// <param name="request">The caller's.</param>
    /// <param name="context">Of the request.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    private async Task<IResult> AnswerAsync(DrainOrder asked, DrainRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (WrongWhy(request.Why) is { } wrong)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, wrong);
        }

        if (request.Wait && request.DeadlineMs is < 1 or > DrainRequest.MaxDeadlineMs)
        {
            return Problems.Of(
                StatusCodes.Status422UnprocessableEntity, $"'deadlineMs' is {request.DeadlineMs}; with 'wait' it is 1 to {DrainRequest.MaxDeadlineMs} milliseconds.");
        }

        DrainOrder order = asked with
        {
            Until = asked.Action == DrainAction.Drain ? request.Until : null,
            Who = context.User.Identity?.Name ?? "",
            From = context.Connection.RemoteIpAddress?.ToString(),
            Why = string.IsNullOrWhiteSpace(request.Why) ? null : request.Why,
            Force = request.Force,
        };
        DrainOutcome outcome = await grains.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).OrderAsync(order, cancellationToken);
        if (outcome.Verdict is not (DrainVerdict.Done or DrainVerdict.Unchanged))
        {
            Refused(order, outcome.Error!);
            return outcome.Verdict switch
            {
                DrainVerdict.UnknownPop or DrainVerdict.UnknownEdge => Problems.Of(StatusCodes.Status404NotFound, Sentence(outcome.Error!)),
                DrainVerdict.NoConfig => Problems.Of(StatusCodes.Status409Conflict, Sentence(outcome.Error!)),
                DrainVerdict.LastPop or DrainVerdict.LastEdge => Problems.Of(
                    StatusCodes.Status422UnprocessableEntity, $"{Sentence(outcome.Error!)} 'force' (--force) does it all the same."),
                DrainVerdict.WrongTime => Problems.Of(StatusCodes.Status422UnprocessableEntity, Sentence(outcome.Error!)),
                _ => throw new UnreachableException($"no such verdict: {outcome.Verdict}"),
            };
        }

        ConfigSnapshot? snapshot = await configs.CurrentAsync(cancellationToken);
        TimeSpan wait = request.Wait ? TimeSpan.FromMilliseconds(request.DeadlineMs ?? DrainRequest.DefaultDeadlineMs) : TimeSpan.Zero;
        var reply = new DrainReply
        {
            Drain = outcome.Drain!,
            Changed = outcome.Verdict == DrainVerdict.Done,
            Epoch = outcome.Epoch,
            Pops = snapshot is null ? [] : await progress.AskAsync(outcome.Epoch, snapshot.Config, wait, cancellationToken),
        };
        return request.Wait ? TypedResults.Ok(reply) : TypedResults.Accepted((string?)null, reply);
    }

    private void Refused(DrainOrder order, string detail)
    {
        string what = order.Edge is null ? order.Pop : $"{order.Pop}/{order.Edge}";
        if (refusals.Add(time.GetUtcNow(), order.Who, order.From, RouteAudit.ActionOf(order.Action), what, detail))
        {
            string printable = RefusedPurges.Printable(detail);
            LogRefused(order.Action, order.Who, order.From, printable);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Action} by {Who} from {From} is refused: {Detail}")]
    private partial void LogRefused(DrainAction action, string who, string? from, string detail);
}
