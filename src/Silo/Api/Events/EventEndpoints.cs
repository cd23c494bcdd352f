using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Events;

/// <summary>The time line of what happened and why.</summary>
internal sealed class EventEndpoints(IGrainFactory grains)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        EventEndpoints endpoints = routes.ServiceProvider.GetRequiredService<EventEndpoints>();
        routes.MapGet(ApiRoutes.Events, endpoints.ReadAsync)
            .RequireScope(Scope.Read)
            .WithName("GetEvents").WithSummary("What happened and why, oldest first: the newest, or with 'after' what came after an event, waited for with 'waitMs'.")
            .Produces<EventsReply>().Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    private async Task<IResult> ReadAsync(
        long? after, string? pop, string? kind, DateTimeOffset? since, int? limit, int? waitMs, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > EventsReply.MaxLimit)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, $"'limit' is {limit}; 1 to {EventsReply.MaxLimit} are allowed.");
        }

        if (after < 0)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "'after' is the id of an event, or the 'next' of an earlier answer.");
        }

        if (waitMs is < 0 or > EventsReply.MaxWaitMs || (waitMs > 0 && after is null))
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, $"'waitMs' goes with 'after', and is 0 to {EventsReply.MaxWaitMs} milliseconds.");
        }

        if (pop?.Length > NewEvent.MaxNameLength)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "'pop' is the id of a PoP.");
        }

        // By name alone: a number, or a list of names, is no kind.
        EventKind? wanted = null;
        if (kind is not null)
        {
            string? name = Enum.GetNames<EventKind>().FirstOrDefault(n => n.Equals(kind, StringComparison.OrdinalIgnoreCase));
            if (name is null)
            {
                return Problems.Of(StatusCodes.Status422UnprocessableEntity, $"'kind' is one of {string.Join(", ", Enum.GetNames<EventKind>())}.");
            }

            wanted = Enum.Parse<EventKind>(name);
        }

        var query = new EventQuery
        {
            After = after,
            Pop = pop,
            Kind = wanted,
            Since = since,
            Limit = limit ?? EventsReply.DefaultLimit,
            Wait = TimeSpan.FromMilliseconds(waitMs ?? 0),
        };
        return TypedResults.Ok(await grains.GetGrain<IEventLogGrain>(GrainKeys.Cluster).ReadAsync(query, cancellationToken));
    }
}
