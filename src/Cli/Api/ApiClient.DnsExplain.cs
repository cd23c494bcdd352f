using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>What nameservers would answer.</summary>
internal sealed partial class ApiClient
{
    public Task<DnsExplainReply> ExplainDnsAsync(DnsExplainRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        ApiRoutes.DnsExplain,
        JsonContent.Create(request, ContractsJson.Default.DnsExplainRequest),
        ContractsJson.Default.DnsExplainReply,
        cancellationToken);
}
