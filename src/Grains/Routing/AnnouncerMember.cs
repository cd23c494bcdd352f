using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>The announcer of one server, connected or not.</summary>
internal sealed class AnnouncerMember(string edge)
{
    public string Edge => edge;

    /// <summary>Null: not connected.</summary>
    public string? Connection { get; private set; }

    public AnnouncerHello? Hello { get; private set; }

    public DateTimeOffset LastHeard { get; private set; }

    /// <summary>Kept when the connection ends: the sessions go on. Null: never reported.</summary>
    public AnnouncerReport? Report { get; private set; }

    public void Connect(AnnouncerHello hello, string connection, DateTimeOffset now)
    {
        if (hello.Instance != Hello?.Instance)
        {
            // Another process: what the one before had on the wire went with it.
            Report = null;
        }

        (Hello, Connection, LastHeard) = (hello, connection, now);
    }

    public void Disconnect() => Connection = null;

    public void Heard(DateTimeOffset now) => LastHeard = now;

    public void Reported(AnnouncerReport report) => Report = report;

    public AnnouncerState State() => new()
    {
        Edge = edge,
        Connected = Connection is not null,
        LastSeen = Hello is null ? null : LastHeard,
        SoftwareVersion = Hello?.SoftwareVersion,
        Admin = Hello?.Admin,
        ConfigVersion = Report?.ConfigVersion ?? 0,
        HeldBack = Report?.HeldBack,
        Failover = Report?.Failover,
        Problems = Report?.Problems ?? [],
    };
}
