using System.Globalization;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Api;

/// <summary>The time line.</summary>
internal sealed partial class ApiClient
{
    /// <param name="pop">Null: of every PoP, and what is of none.</param>
    /// <param name="kind">Null: of every kind.</param>
    /// <param name="since">Null: as far as it goes back.</param>
    /// <param name="limit">Longest list.</param>
    /// <param name="after">Id of an event; null: the newest.</param>
    /// <param name="waitMs">With <paramref name="after"/>; null: answered at once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<EventsReply> EventsAsync(
        string? pop, EventKind? kind, DateTimeOffset? since, int limit, long? after, int? waitMs, CancellationToken cancellationToken)
    {
        string query = Query(
            ("limit", limit.ToString(CultureInfo.InvariantCulture)),
            ("pop", pop),
            ("kind", kind?.ToString()),
            ("since", since?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
            ("after", after?.ToString(CultureInfo.InvariantCulture)),
            ("waitMs", waitMs?.ToString(CultureInfo.InvariantCulture)));
        return SendAsync(HttpMethod.Get, ApiRoutes.Events + query, null, ContractsJson.Default.EventsReply, cancellationToken);
    }
}
