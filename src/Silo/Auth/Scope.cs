namespace OrleansCdn.Silo.Auth;

/// <summary>What a token allows. <see cref="Admin"/> allows everything.</summary>
[Flags]
internal enum Scope
{
    None = 0,

    /// <summary>Status, config, history, purges.</summary>
    Read = 1,

    /// <summary>To purge, and to look at purges.</summary>
    Purge = 2,

    Admin = 4,

    /// <summary>To prewarm, and to look at prewarm jobs.</summary>
    Prewarm = 8,

    /// <summary>To change routes, and to look at them.</summary>
    Route = 16,

    /// <summary>To drain PoPs and put them in service again.</summary>
    Drain = 32,

    /// <summary>To change keys of signed zones, and to look at them.</summary>
    Dns = 64,
}
