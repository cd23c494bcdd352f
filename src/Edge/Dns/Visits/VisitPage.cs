using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Dns.Visits;

/// <summary>
/// Shows visitors of names with random ids which answer of DNS brought them here: by the low 32 bits of the address that they came to. Never
/// stored by any cache.
/// </summary>
internal sealed class VisitPage(EdgeState state, Func<VisitTable?> table, VisitPeers peers, TimeProvider time)
{
    /// <summary>RFC 8615: the sites' own paths stay theirs.</summary>
    public const string Path = "/.well-known/cdn/visit";

    private const int Ipv6Octets = 16;
    private const int IdOctets = sizeof(uint);
    private const int IdDigits = 2 * IdOctets;

    public static bool Handles(EdgeSnapshot snapshot, in RequestTarget target) =>
        !snapshot.VisitHosts.IsEmpty && target.Path.SequenceEqual(Path) && snapshot.VisitHosts.Contains(target.HostName);

    public static bool HandlesPeer(HttpContext context) => context.Request.Path.Value?.StartsWith(VisitPeers.Path, StringComparison.Ordinal) == true;

    public async Task AnswerAsync(HttpContext context, EdgeSnapshot snapshot)
    {
        if (context.Request.Method is not ("GET" or "HEAD"))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            await EdgeError.RefuseAsync(context, state, StatusCodes.Status405MethodNotAllowed, "method-not-allowed", $"{Path} is read with GET");
            return;
        }

        VisitSearch search = IdOf(snapshot.Config, context.Connection.LocalIpAddress) is { } id
            ? await FindAsync(id, context.RequestAborted)
            : new VisitSearch(VisitOutcome.NotNumbered);
        VisitPageReply reply = new()
        {
            Outcome = search.Outcome,
            Detail = Detail(search),
            Client = Text(context.Connection.RemoteIpAddress),
            Address = Text(context.Connection.LocalIpAddress),
            Edge = Self,
            Visit = search.Visit,
        };
        bool isHtml = WantsHtml(context.Request);
        context.Response.Headers.Vary = "Accept";
        if (search.Outcome == VisitOutcome.Busy)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        byte[] body = isHtml ? VisitHtml.Of(reply) : JsonSerializer.SerializeToUtf8Bytes(reply, VisitJson.Default.VisitPageReply);
        if (isHtml)
        {
            context.Response.Headers.ContentSecurityPolicy = VisitHtml.Policy;
        }

        await EdgeError.WriteAsync(
            context, StatusOf(search.Outcome), body, isHtml ? "text/html; charset=utf-8" : "application/json", CacheStatus.Refused(state.Pop, "visit"));
    }

    /// <summary>Another edge asks whether this one has given an id out.</summary>
    public Task AnswerPeerAsync(HttpContext context)
    {
        ReadOnlySpan<char> digits = context.Request.Path.Value.AsSpan(VisitPeers.Path.Length);
        VisitVerdict verdict = VisitVerdict.Unknown;
        Visit visit = default;
        if (context.Request.Method != "GET" || digits.Length != IdDigits || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint id))
        {
            return EdgeError.RefuseAsync(context, state, StatusCodes.Status400BadRequest, "visit", $"{VisitPeers.Path} is followed by eight hexadecimal digits");
        }

        if (table() is { } visits)
        {
            verdict = visits.Find(id, out visit);
        }

        byte[] body = verdict == VisitVerdict.Found
            ? JsonSerializer.SerializeToUtf8Bytes(VisitReply.Of(id, visit, Self, time.GetUtcNow()), VisitJson.Default.VisitReply)
            : [];
        return EdgeError.WriteAsync(context, StatusOf(OutcomeOf(verdict)), body, "application/json", CacheStatus.Refused(state.Pop, "visit"));
    }

    /// <summary>Null: the address is none of a PoP's numbered ones.</summary>
    internal static uint? IdOf(CdnConfig config, IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return null;
        }

        // A zone of a link-local address is no part of what a prefix holds.
        Span<byte> octets = stackalloc byte[Ipv6Octets];
        address.TryWriteBytes(octets, out _);
        var plain = new IPAddress(octets);
        uint id = BinaryPrimitives.ReadUInt32BigEndian(octets[^IdOctets..]);
        return id >= VisitTable.MinId && config.Pops.Any(pop => pop.IdPrefix is { } prefix && prefix.Contains(plain)) ? id : null;
    }

    private string Self => $"{state.Pop}/{state.Edge}";

    private async Task<VisitSearch> FindAsync(uint id, CancellationToken cancellationToken)
    {
        Visit visit = default;
        VisitVerdict verdict = table()?.Find(id, out visit) ?? VisitVerdict.Unknown;
        return verdict switch
        {
            VisitVerdict.Found => new VisitSearch(VisitOutcome.Found, VisitReply.Of(id, visit, Self, time.GetUtcNow())),
            VisitVerdict.TooOld => new VisitSearch(VisitOutcome.TooOld),
            VisitVerdict.Unknown => await peers.FindAsync(id, cancellationToken),
            _ => throw new UnreachableException($"no such verdict: {verdict}"),
        };
    }

    private static VisitOutcome OutcomeOf(VisitVerdict verdict) => verdict switch
    {
        VisitVerdict.Found => VisitOutcome.Found,
        VisitVerdict.TooOld => VisitOutcome.TooOld,
        _ => VisitOutcome.Unknown,
    };

    private static int StatusOf(VisitOutcome outcome) => outcome switch
    {
        VisitOutcome.Found => StatusCodes.Status200OK,
        VisitOutcome.TooOld => StatusCodes.Status410Gone,
        VisitOutcome.Busy => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status404NotFound,
    };

    private static string Detail(in VisitSearch search) => search.Outcome switch
    {
        VisitOutcome.Found => "This answer of DNS brought you here.",
        VisitOutcome.TooOld =>
            $"The answer of DNS with this number was given more than {VisitTable.MaxAge.TotalMinutes:0} minutes ago. Resolve the name again, for example in a new private window.",
        VisitOutcome.Busy => "Too many numbers that nobody knows are being asked for. Try again in a second.",
        VisitOutcome.NotNumbered =>
            "You came to an address without a number in it: over IPv4, by an address of the server itself, or through a proxy. Only IPv6 answers of names with 'random-id' have one.",
        _ when search.Silent > 0 =>
            $"No nameserver that could be asked remembers an answer with this number, and {search.Silent} could not be asked.",
        _ => "No nameserver remembers an answer with this number: it is old, was pushed out by newer ones, or was never given.",
    };

    /// <summary>A browser names HTML; whoever takes anything gets what programs read.</summary>
    private static bool WantsHtml(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static string? Text(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();
}
