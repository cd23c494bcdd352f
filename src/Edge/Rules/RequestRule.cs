using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Rules;

/// <summary>What is decided about a request before anything is looked up; immutable.</summary>
public sealed class RequestRule
{
    /// <summary>Longer values are no choice among a few: such a request passes through instead of filling the cache.</summary>
    public const int MaxKeyValueLength = 128;

    /// <summary>The request as it came is what counts.</summary>
    public static readonly RequestRule None = new(null, null);

    /// <summary>Never look up, never store; what goes on is the request as it came.</summary>
    public static readonly RequestRule PassThrough = new(null, null) { IsBypass = true };

    private readonly QueryRule? _query;
    private readonly ImmutableArray<string> _bypassCookies;
    private readonly ImmutableArray<string> _bypassHeaders;
    private readonly ImmutableArray<string> _keyCookies;
    private readonly bool _mayBypass;

    /// <param name="rule">Null: none matches.</param>
    public RequestRule(CacheKeyConfig? key, CacheRuleConfig? rule)
    {
        _query = key is null || (key.Query == QueryHandling.Keep && !key.SortQuery) ? null : new QueryRule(key.Query, [.. key.QueryNames], key.SortQuery);
        _bypassCookies = rule?.BypassCookies ?? [];
        _bypassHeaders = rule?.BypassHeaders ?? [];
        _keyCookies = key?.Cookies ?? [];
        KeyFields = key is null ? [] : [.. key.Headers.Order(StringComparer.Ordinal), .. key.Cookies.Order(StringComparer.Ordinal).Select(VarySelector.CookieName)];
        Config = rule;
        DropsCookies = key is { ForwardCookies: false };
        IsBypass = rule is { Bypass: true, LooksAtResponse: false };
        _mayBypass = IsBypass || !_bypassCookies.IsEmpty || !_bypassHeaders.IsEmpty || KeyFields.Length > 0;
    }

    /// <summary>Null: no rule matches by the request alone.</summary>
    public CacheRuleConfig? Config { get; }

    /// <summary>For every request that matches.</summary>
    public bool IsBypass { get; private init; }

    /// <summary>Only those cookies that are part of the key go to the origin.</summary>
    public bool DropsCookies { get; }

    /// <summary>What keeps responses apart besides their own <c>Vary</c>, as <see cref="VarySelector"/> names it.</summary>
    internal string[] KeyFields { get; }

    /// <summary>Path and query of the key, which are also what is forwarded.</summary>
    public string TargetOf(string target) => _query is null ? target : _query.Apply(target);

    /// <summary>Whether this request passes through.</summary>
    public bool Bypasses(IHeaderDictionary request)
    {
        if (!_mayBypass)
        {
            return false;
        }

        if (IsBypass)
        {
            return true;
        }

        foreach (string name in _bypassHeaders)
        {
            if (request.ContainsKey(name))
            {
                return true;
            }
        }

        foreach (string name in _bypassCookies)
        {
            if (CookieText.Contains(request.Cookie, name))
            {
                return true;
            }
        }

        return HasLongKeyValue(request);
    }

    /// <summary>The cookies that go on; empty: none.</summary>
    public StringValues CookiesOf(StringValues cookies) => DropsCookies
        ? CookieText.Only(cookies, _keyCookies) is { Length: > 0 } kept ? kept : StringValues.Empty
        : cookies;

    /// <summary>Of what a response varies by, what the origin got to see.</summary>
    internal string[] SeenBy(string[] vary) => DropsCookies ? Array.FindAll(vary, name => name != "cookie") : vary;

    private bool HasLongKeyValue(IHeaderDictionary request)
    {
        foreach (string name in KeyFields)
        {
            if (VarySelector.LengthOf(name, request) > MaxKeyValueLength)
            {
                return true;
            }
        }

        return false;
    }
}
