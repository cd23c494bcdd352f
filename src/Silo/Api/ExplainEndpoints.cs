using Microsoft.AspNetCore.Mvc;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api;

/// <summary>Asks edges what they would do with a request, and why.</summary>
internal sealed class ExplainEndpoints(EdgeAsker asker, ConfigCache configs)
{
    /// <summary>The largest URL and all fields, with room for JSON's escapes.</summary>
    private const int MaxBodyBytes = 256 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        ExplainEndpoints endpoints = routes.ServiceProvider.GetRequiredService<ExplainEndpoints>();
        routes.MapPost(ApiRoutes.Explain, endpoints.ExplainAsync)
            .RequireScope(Scope.Read)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithName("Explain").WithSummary("What the edges of a PoP would do with a request, and why; nothing is fetched or changed.")
            .Produces<ExplainReply>()
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    private async Task<IResult> ExplainAsync(ExplainRequest request, CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "No config is in force, so there is no edge to ask: apply one first.");
        }

        (ExplainQuestion? question, string? error) = ExplainRequestReader.Read(request);
        if (question is null)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, error!);
        }

        if (snapshot.Config.FindPop(request.Pop) is not { } pop)
        {
            return Problems.Of(
                StatusCodes.Status422UnprocessableEntity,
                $"There is no PoP '{ExplainRequestReader.Shorten(request.Pop)}'; the config has {QuotedNames.Of(snapshot.Config.Pops.Select(p => p.Id))}.");
        }

        string[] edges = [.. pop.Edges.Select(e => e.Name).Where(e => request.Edge is null || e == request.Edge)];
        if (edges.Length == 0)
        {
            return Problems.Of(
                StatusCodes.Status422UnprocessableEntity,
                $"PoP '{pop.Id}' has no edge '{ExplainRequestReader.Shorten(request.Edge ?? "")}'; it has {QuotedNames.Of(pop.Edges.Select(e => e.Name))}.");
        }

        EdgeExplanation[] answers = await Task.WhenAll(edges.Select(edge => AskAsync(pop, edge, question, cancellationToken)));
        return TypedResults.Ok(new ExplainReply { Url = request.Url, Pop = pop.Id, Edges = [.. answers] });
    }

    private async Task<EdgeExplanation> AskAsync(PopConfig pop, string edge, ExplainQuestion question, CancellationToken cancellationToken)
    {
        PopReply reply = await asker.AskAsync(pop.Id, edge, question, cancellationToken);
        return reply switch
        {
            { Answer: EdgeExplained explained } => new EdgeExplanation { Edge = edge, Outcome = AnswerOutcome.Answered, Explanation = explained.Explanation },
            { Outcome: AnswerOutcome.Answered } => new EdgeExplanation { Edge = edge, Outcome = AnswerOutcome.NoAnswer },
            _ => new EdgeExplanation { Edge = edge, Outcome = reply.Outcome },
        };
    }
}
