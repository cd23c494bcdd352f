namespace OrleansCdn.Dns.Steering;

/// <summary>Either a table or why there is none. What was in force before stays in force then.</summary>
public sealed record SteeringCompilation
{
    public SteeringTable? Table { get; init; }

    public string? Error { get; init; }
}
