using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class CarrierSection
{
    public static readonly ScalarKey<uint> Asn = ScalarKey<uint>.Must("asn", Numbers.Asn, "The carrier's AS number.");

    public static readonly ScalarKey<int> Prepend = ScalarKey<int>.May(
        "prepend", Numbers.Whole(0, ConfigLimits.MaxPrepend), ConfigDefaults.Prepend,
        "How often the AS number is repeated when the upstream passes the route to this carrier.");

    public static readonly ScalarKey<bool> Withdraw = ScalarKey<bool>.May(
        "withdraw", Numbers.Flag, ConfigDefaults.Withdraw, "True: the upstream does not pass the route to this carrier. Wins over `prepend`.");

    public static readonly KeyTable Table = new("pops.ID.upstreams.ID.carriers.ID", [Asn, Prepend, Withdraw]);
}
