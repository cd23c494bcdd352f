namespace Orleans.Embedded;

/// <summary>Names one stored record.</summary>
/// <param name="Storage">The storage name of [PersistentState]; "Default" where it gives none.</param>
internal sealed record StateKey(string Grain, string Key, string Name, string Storage)
{
    public override string ToString() => $"state '{Name}' of grain {Grain}/{Key}";
}
