using Microsoft.AspNetCore.Mvc;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Dns;

/// <summary>Asks nameservers what they would answer a client, and why. Each is asked, so that one that differs is seen.</summary>
internal sealed class DnsExplainEndpoints(EdgeAsker asker, ConfigCache configs)
{
    /// <summary>A name, an address and a network, with room for JSON's escapes.</summary>
    private const int MaxBodyBytes = 8 * 1024;

    /// <summary>The design's networks have twenty PoPs; that two agree is worth more than that a hundred do.</summary>
    private const int MaxNameservers = 64;

    public static void Map(IEndpointRouteBuilder routes)
    {
        DnsExplainEndpoints endpoints = routes.ServiceProvider.GetRequiredService<DnsExplainEndpoints>();
        routes.MapPost(ApiRoutes.DnsExplain, endpoints.ExplainAsync)
            .RequireScope(Scope.Read)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithName("ExplainDns").WithSummary("What nameservers would answer a client, and why; nothing is changed.")
            .Produces<DnsExplainReply>()
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    private async Task<IResult> ExplainAsync(DnsExplainRequest request, CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "No config is in force, so there is no nameserver to ask: apply one first.");
        }

        if (DnsAsked.Read(request.Address, request.Name, request.Subnet) is { Error: { } error })
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, $"{char.ToUpperInvariant(error[0])}{error[1..]}.");
        }

        (string Pop, string Edge)[] servers = [.. Nameservers(snapshot.Config).Where(server => request.Pop is null || server.Pop == request.Pop).Take(MaxNameservers)];
        if (servers.Length == 0)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, Nobody(snapshot.Config, request.Pop));
        }

        var question = new DnsQuestion { Id = "", Address = request.Address, Name = request.Name, Subnet = request.Subnet };
        NameserverExplanation[] answers = await Task.WhenAll(servers.Select(server => AskAsync(server.Pop, server.Edge, question, cancellationToken)));
        return TypedResults.Ok(new DnsExplainReply { Nameservers = [.. answers] });
    }

    private async Task<NameserverExplanation> AskAsync(string pop, string edge, DnsQuestion question, CancellationToken cancellationToken)
    {
        PopReply reply = await asker.AskAsync(pop, edge, question, cancellationToken);
        return reply switch
        {
            { Answer: EdgeDnsExplained explained } => new NameserverExplanation(pop, edge, AnswerOutcome.Answered, explained.Explanation),
            { Outcome: AnswerOutcome.Answered } => new NameserverExplanation(pop, edge, AnswerOutcome.NoAnswer),
            _ => new NameserverExplanation(pop, edge, reply.Outcome),
        };
    }

    private static IEnumerable<(string Pop, string Edge)> Nameservers(CdnConfig config) => config.Dns is null
        ? []
        : config.Pops.SelectMany(pop => pop.Edges.Where(edge => edge.Dns is not null).Select(edge => (pop.Id, edge.Name)));

    private static string Nobody(CdnConfig config, string? pop)
    {
        string[] pops = [.. Nameservers(config).Select(server => server.Pop).Distinct()];
        return pops.Length == 0 ? "The config in force has no zones, so nobody answers DNS: add 'dns'."
            : $"PoP '{ExplainRequestReader.Shorten(pop ?? "")}' has no nameserver; these have: {QuotedNames.Of(pops)}.";
    }
}
