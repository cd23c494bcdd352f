namespace OrleansCdn.Dns.Edns;

/// <summary>What a query's COOKIE option proves.</summary>
public enum CookieVerdict
{
    /// <summary>There is none, or this server has no secret.</summary>
    None,

    /// <summary>The client's alone: it has not been here yet.</summary>
    ClientOnly,

    /// <summary>The server's part is not of this fleet, of another client, or too old or new.</summary>
    Bad,

    /// <summary>This client has received an answer of this fleet at its address.</summary>
    Good,
}
