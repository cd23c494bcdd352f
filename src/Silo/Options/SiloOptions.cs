using System.Net;
using OrleansCdn.Grains.Purge;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Options;

/// <summary>How one silo is run; valid by construction (see <see cref="SiloOptionsReader"/>).</summary>
internal sealed record SiloOptions
{
    public required string Name { get; init; }

    /// <summary>Port 0: any free one.</summary>
    public required IPEndPoint Api { get; init; }

    /// <summary>Null: plain text, on loopback only.</summary>
    public CertificateFiles? ApiCertificate { get; init; }

    /// <summary>Port 0: any free one.</summary>
    public required IPEndPoint Feed { get; init; }

    /// <summary>Null: plain text, on loopback only.</summary>
    public CertificateFiles? FeedCertificate { get; init; }

    /// <summary>PEM file of the CA that signs the certificates of edges. Set whenever <see cref="FeedCertificate"/> is.</summary>
    public string? FeedCa { get; init; }

    /// <summary>Absolute; exists.</summary>
    public required string Data { get; init; }

    public required TokenStore Tokens { get; init; }

    /// <summary>JSON of rpki-client or Routinator; null: origins are not validated.</summary>
    public string? RoaFile { get; init; }

    public required PurgeLogOptions PurgeLog { get; init; }
}

/// <summary>PEM files.</summary>
internal sealed record CertificateFiles(string Certificate, string Key);
