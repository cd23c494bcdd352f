using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Hosting;

namespace OrleansCdn.Edge.Health.Local;

/// <summary>Puts together what the announcer beside this edge is told.</summary>
internal static class LocalReply
{
    public static EdgeLocal Of(EdgeParts parts)
    {
        EdgeReach? reach = parts.Metrics.Reach();
        return new EdgeLocal
        {
            Pop = parts.State.Pop,
            Edge = parts.State.Edge,
            Addresses = parts.Addresses,
            TlsName = parts.Certificates.FirstHost,
            Connections = parts.Metrics.Read(Counter.OpenConnections),
            Reach = reach,
            Checks = EdgeChecks.Of(new EdgeFacts
            {
                Now = parts.Time.GetUtcNow(),
                Disk = parts.Metrics.Disk(),
                ControlTrouble = parts.Metrics.ControlTrouble(),
                Host = parts.Host(),
                Certificates = parts.Certificates.Status,
                Origins = parts.Metrics.Origins(),
                Feed = parts.Feed.Current,
                CutOff = parts.Metrics.CutOff(),
                Reach = reach,
                Dns = parts.Metrics.Dns(),
            }),
        };
    }
}
