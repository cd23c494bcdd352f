using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Edns;

namespace OrleansCdn.Dns.Server.Limiting;

/// <summary>
/// Response rate limiting over UDP: a server that answers forged queries floods whoever is named as their sender. Shared by all
/// threads. TCP and clients with a valid server cookie are who they say.
/// </summary>
/// <param name="hash">Under a secret of this process.</param>
internal sealed class ResponseLimiter(KeyedHash hash)
{
    private readonly ResponseRateTable _table = new();
    private volatile RateLimitSettings? _settings;

    /// <summary>Null: nobody is limited.</summary>
    public RateLimitSettings? Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <param name="responder">Has just written it.</param>
    /// <param name="now">Monotonic.</param>
    public RateVerdict Judge(Responder responder, ReadOnlySpan<byte> response, in QuerySource source, TimeSpan now)
    {
        RateLimitSettings? settings = _settings;
        if (settings is null || responder.Last.Cookie == CookieVerdict.Good)
        {
            return RateVerdict.Send;
        }

        UInt128 network = ClientNetwork.Of(source.Address, source.IsIpv4);
        return _table.Take(ResponseKey.Of(hash, network, responder, response), settings, now);
    }
}
