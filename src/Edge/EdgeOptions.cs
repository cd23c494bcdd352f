using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge;

/// <summary>What the command line and the environment say, checked as a whole by <see cref="Hosting.EdgeCommandLine"/>.</summary>
internal sealed record EdgeOptions
{
    public required string Pop { get; init; }

    /// <summary>Null only in standalone mode: the PoP's first edge.</summary>
    public string? Edge { get; init; }

    /// <summary>In the order in which they are tried; empty in standalone mode.</summary>
    public required ImmutableArray<Uri> Silos { get; init; }

    /// <summary>Null only in standalone mode, which keeps nothing.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Config file of standalone mode; null with silos.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Listeners that the command line names; a null one comes from the config.</summary>
    public required ListenAddresses Listen { get; init; }

    /// <summary>True when the addresses of the command line are all there is (<c>--listen</c>).</summary>
    public bool OnlyNamedListeners { get; init; }

    public LinkFiles? Link { get; init; }

    public bool ExitWithStdin { get; init; }

    public bool IsStandalone => ConfigFile is not null;
}

/// <summary>Where an edge listens; null where it does not.</summary>
internal sealed record ListenAddresses
{
    public IPEndPoint? Http { get; init; }

    public IPEndPoint? Https { get; init; }

    public IPEndPoint? Peer { get; init; }

    public IPEndPoint? Admin { get; init; }

    /// <summary>UDP and TCP.</summary>
    public IPEndPoint? Dns { get; init; }

    public override string ToString() => string.Join(", ", new[]
    {
        Http is null ? null : $"http {Http}",
        Https is null ? null : $"https {Https}",
        Peer is null ? null : $"peer {Peer}",
        Admin is null ? null : $"admin {Admin}",
        Dns is null ? null : $"dns {Dns}",
    }.Where(text => text is not null));
}
