using System.Net;

namespace OrleansCdn.Announcer.Health.Probes;

/// <summary>One thing that has to answer before this server is announced.</summary>
/// <param name="Check">Name of the check, unique among those of a server, and the same on servers that are set up alike.</param>
/// <param name="Url">As people know it.</param>
/// <param name="At">Where visitors of the edge come to; null: the URL is asked as it is, and any answer of status 200 will do.</param>
/// <param name="TlsName">A site's host that is asked for over TLS; null: without TLS, or not the edge.</param>
internal sealed record ProbeTarget(string Check, Uri Url, IPEndPoint? At, string? TlsName)
{
    public bool IsOfEdge => At is not null;
}
