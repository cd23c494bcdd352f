using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>Keys of signed zones.</summary>
internal sealed partial class ApiClient
{
    public Task<DnsKeysReply> DnsKeysAsync(string zone, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, WithPart(ApiRoutes.DnsKeys, "zone", zone), null, ContractsJson.Default.DnsKeysReply, cancellationToken);

    public Task<DnsKeysReply> ChangeDnsKeysAsync(string zone, DnsKeyRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        WithPart(ApiRoutes.DnsKeys, "zone", zone),
        JsonContent.Create(request, ContractsJson.Default.DnsKeyRequest),
        ContractsJson.Default.DnsKeysReply,
        cancellationToken);
}
