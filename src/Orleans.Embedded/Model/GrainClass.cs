using System.Reflection;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>A grain class and what its attributes say.</summary>
internal sealed class GrainClass
{
    private const string ConventionalSuffix = "Grain";

    public GrainClass(Type type)
    {
        Type = type;
        Name = NameOf(type);
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        KeepsAlive = type.IsDefined(typeof(KeepAliveAttribute), inherit: true);
        UsesStorage = type.GetConstructors().SelectMany(c => c.GetParameters()).Any(p => p.IsDefined(typeof(PersistentStateAttribute)));
        Factory = new Lazy<GrainFactoryDelegate>(() => GrainConstruction.Prepare(type));
    }

    public Type Type { get; }

    /// <summary>The grain type as stored with state: the class name without "Grain", in lower case, as Orleans names it.</summary>
    public string Name { get; }

    public bool IsReentrant { get; }

    public bool KeepsAlive { get; }

    public bool UsesStorage { get; }

    public Lazy<GrainFactoryDelegate> Factory { get; }

    private static string NameOf(Type type)
    {
        string name = type.Name;
        if (name.Length > ConventionalSuffix.Length && name.EndsWith(ConventionalSuffix, StringComparison.Ordinal))
            name = name[..^ConventionalSuffix.Length];
        return name.ToLowerInvariant();
    }
}
