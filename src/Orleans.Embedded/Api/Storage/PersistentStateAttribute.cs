using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>On a constructor parameter of type <see cref="IPersistentState{TState}"/>.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
[SuppressMessage("Performance", "CA1813:Avoid unsealed attributes", Justification = "The signature is the one of Orleans.")]
public class PersistentStateAttribute : Attribute
{
    public PersistentStateAttribute(string stateName, string? storageName = null)
    {
        ArgumentNullException.ThrowIfNull(stateName);
        StateName = stateName;
        StorageName = storageName;
    }

    /// <summary>Names the record among those of the grain. A new name is a new record.</summary>
    public string StateName { get; }

    /// <summary>The storage provider. The embedded engine keeps all of them in one file, apart by name.</summary>
    public string? StorageName { get; }
}
