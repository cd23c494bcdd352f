using System.Text.Json.Serialization;

namespace OrleansCdn.Internet.Routes;

/// <summary>Local preference by who a route is from (Gao and Rexford, 2001): the higher one wins, whatever the paths' lengths.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RoutePreference>))]
public enum RoutePreference : byte
{
    /// <summary>There is no route.</summary>
    None,

    /// <summary>From the operator, and about to go (RFC 8326): only where there is nothing else.</summary>
    Going,
    FromProvider,
    FromPeer,
    FromCustomer,
}
