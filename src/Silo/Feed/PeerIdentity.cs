using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using OrleansCdn.Contracts;

namespace OrleansCdn.Silo.Feed;

/// <summary>
/// Who the other side is by its client certificate: <c>POP/EDGE</c> as the subject's common name, or as a subject
/// alternative name in the form of a URI (<c>cdn://POP/EDGE</c>) or of a DNS name (<c>EDGE.POP</c>).
/// </summary>
/// <param name="Names">As <c>POP/EDGE</c>; default: there is no certificate, because the listener is plain text on loopback.</param>
internal readonly record struct PeerIdentity(ImmutableArray<string> Names)
{
    private const string UriPrefix = "cdn://";

    public static PeerIdentity Of(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return default;
        }

        var names = ImmutableArray.CreateBuilder<string>();
        names.Add(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        if (certificate.GetNameInfo(X509NameType.UrlName, forIssuer: false) is { } uri && uri.StartsWith(UriPrefix, StringComparison.Ordinal))
        {
            names.Add(uri[UriPrefix.Length..].TrimEnd('/'));
        }

        foreach (X509SubjectAlternativeNameExtension extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (string dns in extension.EnumerateDnsNames())
            {
                if (dns.Split('.') is [var edge, var pop])
                {
                    names.Add($"{pop}/{edge}");
                }
            }
        }

        return new PeerIdentity(names.ToImmutable());
    }

    public bool Allows(string pop, string edge) => Names.IsDefault || Names.Contains($"{pop}/{edge}");

    public override string ToString() => Names.IsDefault ? "nobody" : QuotedNames.Of(Names);
}
