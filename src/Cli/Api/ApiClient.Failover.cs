using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Cli.Api;

/// <summary>Who is announced, and pins.</summary>
internal sealed partial class ApiClient
{
    public Task<FailoverReply> FailoverAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, ApiRoutes.Failover, null, ContractsJson.Default.FailoverReply, cancellationToken);

    /// <param name="pin"><see cref="FailoverPin.None"/>: takes the pin away.</param>
    public Task<DrainReply> PinAsync(string pop, FailoverPin pin, DrainRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        pin == FailoverPin.None ? WithPart(ApiRoutes.Unpin, "pop", pop) : WithPart(WithPart(ApiRoutes.Pin, "pop", pop), "pin", pin.ToString().ToLowerInvariant()),
        JsonContent.Create(request, ContractsJson.Default.DrainRequest),
        ContractsJson.Default.DrainReply,
        cancellationToken);
}
