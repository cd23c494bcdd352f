using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>Makes the request that goes on from the one that came in.</summary>
public static class ForwardedRequest
{
    /// <summary>For a fill: the whole object is wanted, whatever part or condition the visitor asked for.</summary>
    public static UpstreamRequest ForFill(HttpContext context, ListenerRole role, SiteRules rules, CacheKey key, RequestRule rule, string cdn) => new()
    {
        Rules = rules,
        Key = key,
        Method = HttpMethods.Get,
        Fields = Fields(context, role, key, rule, cdn, isFill: true),
    };

    /// <summary>For a request that goes through as it is, with its body.</summary>
    public static UpstreamRequest ForPass(HttpContext context, ListenerRole role, SiteRules rules, CacheKey key, RequestRule rule, string cdn)
    {
        // A body on GET, HEAD or DELETE has no defined meaning (RFC 9110 §9.3.1) and is a way to smuggle: it stays here.
        bool mayHaveBody = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        bool hasBody = mayHaveBody
            && (context.Request.ContentLength > 0 || (context.Request.ContentLength is null && context.Request.Headers.ContainsKey("Transfer-Encoding"))
                || (context.Request.ContentLength is null && HttpProtocol.IsHttp2(context.Request.Protocol)));
        return new UpstreamRequest
        {
            Rules = rules,
            Key = key,
            Method = context.Request.Method,
            Fields = Fields(context, role, key, rule, cdn, isFill: false),
            Body = hasBody ? BodyOf(context, role, rules.Site) : mayHaveBody ? RequestBody.Empty : null,
        };
    }

    private static RequestBody BodyOf(HttpContext context, ListenerRole role, SiteConfig site) =>
        new(context.Request.Body, context.Request.ContentLength, role == ListenerRole.Public ? site.Limits?.MaxBodyBytes : null);

    private static List<KeyValuePair<string, StringValues>> Fields(HttpContext context, ListenerRole role, CacheKey key, RequestRule rule, string cdn, bool isFill)
    {
        IHeaderDictionary headers = context.Request.Headers;
        StringValues connection = headers.Connection;
        bool isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        var fields = new List<KeyValuePair<string, StringValues>>(headers.Count + 6);
        foreach (KeyValuePair<string, StringValues> field in headers)
        {
            if (role == ListenerRole.Peer && IsAssertedByPeer(field.Key))
            {
                fields.Add(field);
                continue;
            }

            if (HopByHop.IsDroppedFromRequest(field.Key, connection) || IsReplaced(field.Key) || (isFill && IsOfOneVisitor(field.Key))
                || (isRead && HopByHop.IsMethodOverride(field.Key)) || !HeaderText.IsAllowed(field.Value)
                || (field.Key.Equals("Range", StringComparison.OrdinalIgnoreCase) && !RangeSet.MayGoOn(field.Value)))
            {
                continue;
            }

            if (rule.DropsCookies && field.Key.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
            {
                StringValues kept = rule.CookiesOf(field.Value);
                if (kept.Count > 0)
                {
                    fields.Add(new(field.Key, kept));
                }

                continue;
            }

            fields.Add(field);
        }

        AddOwn(context, role, key, cdn, headers, fields);
        return fields;
    }

    private static void AddOwn(
        HttpContext context, ListenerRole role, CacheKey key, string cdn, IHeaderDictionary headers, List<KeyValuePair<string, StringValues>> fields)
    {
        string encodings = AcceptEncoding.Normalize(headers.AcceptEncoding);
        if (encodings.Length > 0)
        {
            fields.Add(new("Accept-Encoding", encodings));
        }

        string version = HttpProtocol.IsHttp2(context.Request.Protocol) ? "2.0" : HttpProtocol.IsHttp10(context.Request.Protocol) ? "1.0" : "1.1";
        fields.Add(new("Via", StringValues.Concat(headers.Via, $"{version} {cdn}")));
        StringValues loop = headers["CDN-Loop"];
        fields.Add(new("CDN-Loop", CdnLoop.Contains(loop, cdn) ? loop : StringValues.Concat(loop, cdn)));
        if (role == ListenerRole.Peer)
        {
            return;
        }

        string client = Text(context.Connection.RemoteIpAddress);
        string scheme = key.IsHttps ? "https" : "http";
        fields.Add(new("X-Forwarded-For", client));
        fields.Add(new("X-Forwarded-Proto", scheme));
        fields.Add(new("X-Forwarded-Host", key.Authority));
        string node = client.Contains(':', StringComparison.Ordinal) ? $"\"[{client}]\"" : client;
        fields.Add(new("Forwarded", $"for={node};host=\"{key.Authority}\";proto={scheme}"));
    }

    private static string Text(IPAddress? address) => address switch
    {
        null => "unknown",
        { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        _ => address.ToString(),
    };

    /// <summary>Another edge has seen the visitor and says so.</summary>
    private static bool IsAssertedByPeer(string name) =>
        name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase);

    private static bool IsReplaced(string name) => name.Length switch
    {
        3 => name.Equals("Via", StringComparison.OrdinalIgnoreCase),
        4 => name.Equals("Host", StringComparison.OrdinalIgnoreCase),
        6 => name.Equals("Expect", StringComparison.OrdinalIgnoreCase),
        8 => name.Equals("CDN-Loop", StringComparison.OrdinalIgnoreCase),
        14 => name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase),
        15 => name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>Parts, conditions and wishes of one visitor, which a shared object must not depend on.</summary>
    private static bool IsOfOneVisitor(string name) => name.Length switch
    {
        5 => name.Equals("Range", StringComparison.OrdinalIgnoreCase),
        6 => name.Equals("Pragma", StringComparison.OrdinalIgnoreCase),
        8 => name.Equals("If-Match", StringComparison.OrdinalIgnoreCase) || name.Equals("If-Range", StringComparison.OrdinalIgnoreCase),
        13 => name.Equals("If-None-Match", StringComparison.OrdinalIgnoreCase) || name.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase),
        17 => name.Equals("If-Modified-Since", StringComparison.OrdinalIgnoreCase),
        19 => name.Equals("If-Unmodified-Since", StringComparison.OrdinalIgnoreCase),
        _ => name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase),
    };
}
