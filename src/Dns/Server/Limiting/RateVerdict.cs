namespace OrleansCdn.Dns.Server.Limiting;

public enum RateVerdict
{
    Send,

    /// <summary>Over the limit: the answer is replaced by an empty one with TC.</summary>
    Slip,

    /// <summary>Over the limit: nothing is sent.</summary>
    Drop,
}
