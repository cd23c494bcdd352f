using System.Collections.Immutable;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Answering;

/// <summary>What all answers come from: immutable, replaced as a whole, read once per query.</summary>
public sealed class DnsData
{
    /// <summary>Longer ones would not fit beside everything else into 512 octets.</summary>
    public const int MaxNsidLength = 128;

    /// <summary>No zone: everything is REFUSED.</summary>
    public static DnsData Empty { get; } = new() { Zones = ZoneTable.Empty };

    public required ZoneTable Zones { get; init; }

    /// <summary>Null: no database and no rule is there; <see cref="DefaultOrder"/> is everybody's list.</summary>
    public SteeringTable? Steering { get; init; }

    /// <summary>PoPs of the config by index, in the order in which they are tried without <see cref="Steering"/>.</summary>
    public ImmutableArray<int> DefaultOrder { get; init; } = [];

    /// <summary>By index of the PoP, whether visitors are sent there now; a PoP beyond its end is eligible.</summary>
    public ImmutableArray<bool> Eligible { get; init; } = [];

    /// <summary>What NSID and <c>id.server</c> say, as a rule the PoP's name; at most <see cref="MaxNsidLength"/> octets. Empty: nothing.</summary>
    public ReadOnlyMemory<byte> Nsid
    {
        get;
        init => field = value.Length <= MaxNsidLength ? value : throw new ArgumentException($"longer than {MaxNsidLength} octets", nameof(value));
    }

    /// <summary>Null: the fleet's secrets have not come; cookies are not answered then.</summary>
    public ServerCookies? Cookies { get; init; }

    /// <summary>Over UDP, who sends a client cookie has to have ours as well (RFC 7873 §5.2.3).</summary>
    public bool RequiresCookies { get; init; }

    public ClientSubnetLimits SubnetLimits { get; init; } = new();

    /// <summary>How long TCP connections may be idle, in units of 100 ms (RFC 7828 §3.1); 0: it is not said.</summary>
    public ushort TcpIdle { get; init; }

    /// <summary>Of the config.</summary>
    public long ConfigVersion { get; init; }

    /// <summary>Of <see cref="Eligible"/>.</summary>
    public long Epoch { get; init; }
}
