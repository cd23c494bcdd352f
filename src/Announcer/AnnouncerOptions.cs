using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Announcer.Health.Probes;
using OrleansCdn.Node.Tls;

namespace OrleansCdn.Announcer;

/// <summary>What the command line and the environment say, checked as a whole by <see cref="Hosting.AnnouncerCommandLine"/>.</summary>
internal sealed record AnnouncerOptions
{
    public required string Pop { get; init; }

    /// <summary>The edge that this announcer stands beside.</summary>
    public required string Edge { get; init; }

    /// <summary>In the order in which they are tried; empty in standalone mode.</summary>
    public required ImmutableArray<Uri> Silos { get; init; }

    /// <summary>Null only in standalone mode, where the file is all there is.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The desired state of standalone mode; null with silos.</summary>
    public string? DesiredFile { get; init; }

    /// <summary>Null: no status page.</summary>
    public IPEndPoint? Admin { get; init; }

    public LinkFiles? Link { get; init; }

    /// <summary>Where neighbours may connect to; null: sessions are opened from here alone.</summary>
    public IPEndPoint? Listen { get; init; }

    public required LocalAddresses Addresses { get; init; }

    /// <summary>Something has to answer before anything is announced.</summary>
    public bool NeedsProof { get; init; } = true;

    /// <summary>What that is; empty: the edge, where it says that it listens.</summary>
    public ImmutableArray<ProbeTarget> Probes { get; init; } = [];

    /// <summary>PEM file of authorities that sites' certificates may be from, beside those of the system; null: none.</summary>
    public string? ProbeAuthorities { get; init; }

    /// <summary>Admin listener of the edge on this server; null: it is not asked.</summary>
    public Uri? EdgeAdmin { get; init; }

    /// <summary>Answers in a row that it takes after a start, instead of what the plan says; null: what the plan says.</summary>
    public int? Rise { get; init; }

    public bool ExitWithStdin { get; init; }

    public bool IsStandalone => DesiredFile is not null;
}

/// <summary>This server's side of its sessions.</summary>
internal sealed record LocalAddresses
{
    /// <summary>BGP Identifier, never 0 (RFC 6286 §2.1).</summary>
    public required uint RouterId { get; init; }

    /// <summary>At most one of each family; a session of a family without one leaves the choice to the system.</summary>
    public ImmutableArray<IPAddress> Sources { get; init; } = [];

    public IPAddress? NextHopIpv4 { get; init; }

    public IPAddress? NextHopIpv6 { get; init; }
}
