namespace OrleansCdn.Contracts.Failover;

/// <summary>What operators want of the servers of one PoP.</summary>
/// <param name="Version">Goes up with each change; older orders never replace newer ones (I8).</param>
/// <param name="IsDraining">Visitors are to go elsewhere, and then the routes.</param>
/// <param name="Pin">Above everything else.</param>
public sealed record FailoverOrders(long Version, bool IsDraining, FailoverPin Pin)
{
    public static readonly FailoverOrders None = new(0, IsDraining: false, FailoverPin.None);
}
