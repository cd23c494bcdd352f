namespace OrleansCdn.Dns.Steering;

/// <summary>What a lookup has found.</summary>
/// <param name="List">Index into <see cref="SteeringTable.Lists"/>.</param>
public readonly record struct SteeringChoice(int List);
