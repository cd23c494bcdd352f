using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Dns.Steering;

/// <param name="Step">Which step decided.</param>
/// <param name="Index">Of the override or rule; otherwise -1.</param>
/// <param name="Order">All PoPs by index, the best first.</param>
internal readonly record struct ChainVerdict(SteeringStep Step, int Index, int[] Order);
