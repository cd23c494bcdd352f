using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>The files are the edges' own; whether they are there is not known where the config is read.</summary>
internal static class TlsSection
{
    public static readonly ScalarKey<string> Certificate = ScalarKey<string>.Must(
        "certificate", Tokens.FilePath, "PEM file with the certificate and those between it and the root.");

    public static readonly ScalarKey<string> PrivateKey = ScalarKey<string>.Must(
        "key", Tokens.FilePath, "PEM file with its private key.");

    public static readonly KeyTable Table = new("sites.ID.tls", [Certificate, PrivateKey]);

    public static TlsConfig Bind(MapReader keys) => new()
    {
        CertificateFile = keys.Read(Certificate).Value,
        KeyFile = keys.Read(PrivateKey).Value,
    };
}
