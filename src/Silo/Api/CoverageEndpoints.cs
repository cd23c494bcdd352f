using System.Collections.Immutable;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api;

/// <summary>What tags and purges cover: every edge is asked to look through its store; nothing is changed.</summary>
internal sealed class CoverageEndpoints(EdgeAsker asker, ConfigCache configs, PurgeGrants grants)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        CoverageEndpoints endpoints = routes.ServiceProvider.GetRequiredService<CoverageEndpoints>();
        routes.MapGet(ApiRoutes.Tags, endpoints.TagsAsync)
            .RequireScope(Scope.Read)
            .WithName("GetTags").WithSummary("What a tag covers at each edge, or without 'tag' which tags of a site are used most.")
            .Produces<CoverageReply>()
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    /// <summary>What a purge that was only asked about would cover.</summary>
    public async Task<IResult> TryAsync(PurgeAnswer.Tried tried, CancellationToken cancellationToken)
    {
        long chars = tried.Append.Values.Sum(v => (long)v.Length);
        if (chars > CoverageQuestion.MaxValueChars)
        {
            return Problems.Of(
                StatusCodes.Status422UnprocessableEntity,
                $"A dry run takes {CoverageQuestion.MaxValueChars} characters of values, where URLs count for both schemes; these have {chars}: ask in parts.");
        }

        var question = new CoverageQuestion { Id = "", Site = tried.Append.Site, Kind = tried.Append.Kind, Values = tried.Append.Values };
        return TypedResults.Ok(await AskAsync(tried.Snapshot.Config.Pops, question, cancellationToken));
    }

    private async Task<IResult> TagsAsync(string site, string? tag, string? pop, HttpContext context, CancellationToken cancellationToken)
    {
        if (grants.RefuseSite(context, site) is { } refusal)
        {
            return refusal;
        }

        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "No config is in force, so there is no edge to ask: apply one first.");
        }

        CdnConfig config = snapshot.Config;
        string? error =
            config.FindSite(site) is null ? $"There is no site '{ExplainRequestReader.Shorten(site)}'; the config has {QuotedNames.Of(config.Sites.Select(s => s.Id))}."
            : pop is not null && config.FindPop(pop) is null ? $"There is no PoP '{ExplainRequestReader.Shorten(pop)}'; the config has {QuotedNames.Of(config.Pops.Select(p => p.Id))}."
            : null;
        if (error is not null)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, error);
        }

        ImmutableArray<string> values = [];
        if (tag is not null)
        {
            // The same rules as those of a purge by tag.
            (PurgeAppend? append, error) = PurgeRequestReader.Read(new PurgeRequest { Site = site, Kind = PurgeKind.Tag, Values = [tag] }, config, "");
            if (append is null)
            {
                return Problems.Of(StatusCodes.Status422UnprocessableEntity, error!);
            }

            values = append.Values;
        }

        var question = new CoverageQuestion { Id = "", Site = site, Kind = tag is null ? null : PurgeKind.Tag, Values = values };
        return TypedResults.Ok(await AskAsync(config.Pops.Where(p => pop is null || p.Id == pop), question, cancellationToken));
    }

    private async Task<CoverageReply> AskAsync(IEnumerable<PopConfig> pops, CoverageQuestion question, CancellationToken cancellationToken)
    {
        PopCoverage[] answers = await Task.WhenAll(pops.Select(async pop => new PopCoverage(
            pop.Id, [.. await Task.WhenAll(pop.Edges.Select(edge => AskAsync(pop.Id, edge.Name, question, cancellationToken)))])));
        return new CoverageReply
        {
            Site = question.Site,
            IsComplete = answers.SelectMany(p => p.Edges).All(e => e.Coverage is { Memory.IsComplete: true, Disk: null or { IsComplete: true }, Note: null }),
            Pops = [.. answers],
        };
    }

    private async Task<EdgeCoverage> AskAsync(string pop, string edge, CoverageQuestion question, CancellationToken cancellationToken)
    {
        PopReply reply = await asker.AskAsync(pop, edge, question, cancellationToken);
        return reply switch
        {
            { Answer: EdgeCovered covered } => new EdgeCoverage { Edge = edge, Outcome = AnswerOutcome.Answered, Coverage = covered.Coverage },
            { Outcome: AnswerOutcome.Answered } => new EdgeCoverage { Edge = edge, Outcome = AnswerOutcome.NoAnswer },
            _ => new EdgeCoverage { Edge = edge, Outcome = reply.Outcome },
        };
    }
}
