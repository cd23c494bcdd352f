namespace OrleansCdn.Contracts.Control;

/// <summary>Fields between edges only; an edge drops them from visitors and never sends them to an origin.</summary>
public static class PeerHeaders
{
    /// <summary>Of all names below.</summary>
    public const string Prefix = "cdn-peer-";

    /// <summary>Who asks: <c>pop/edge</c>.</summary>
    public const string From = "cdn-peer-from";

    /// <summary><c>holder</c>: answer from the cache or a fill under way, else 404. <c>shield</c>: fill from the origin if need be.</summary>
    public const string Mode = "cdn-peer-mode";

    /// <summary>The asker's purge cursor, <c>epoch:sequence</c>. An edge that is behind it answers 412 rather than give what was purged.</summary>
    public const string Cursor = "cdn-peer-cursor";

    /// <summary>Scheme that the visitor used (<c>http</c> or <c>https</c>): part of the key.</summary>
    public const string Scheme = "cdn-peer-scheme";

    /// <summary>In the answer: <see cref="ResultServed"/>, <see cref="ResultNone"/> or <see cref="ResultBehind"/>.</summary>
    public const string Result = "cdn-peer-result";

    public const string ResultServed = "served";
    public const string ResultNone = "none";
    public const string ResultBehind = "behind";

    public const string ModeHolder = "holder";
    public const string ModeShield = "shield";
}
