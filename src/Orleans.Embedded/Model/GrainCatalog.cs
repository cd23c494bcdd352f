using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>The grain classes of the application: those in its own assembly and in what it references.</summary>
internal sealed class GrainCatalog
{
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> _classOf = new();
    private readonly ConcurrentDictionary<Type, GrainInterface> _interfaces = new();
    private readonly PayloadRules _rules;

    private GrainCatalog(GrainClass[] classes, PayloadRules rules)
    {
        Classes = classes;
        _rules = rules;
    }

    public IReadOnlyList<GrainClass> Classes { get; }

    /// <exception cref="OrleansConfigurationException">Two classes have one grain type name, under which state is stored.</exception>
    public static GrainCatalog Discover(PayloadRules rules)
    {
        GrainClass[] classes = [.. AssembliesWithGrains().SelectMany(GrainClasses).Select(type => new GrainClass(type))];
        foreach (IGrouping<string, GrainClass> same in classes.GroupBy(c => c.Name).Where(g => g.Count() > 1))
        {
            throw new OrleansConfigurationException(
                $"Grain classes {string.Join(" and ", same.Select(c => c.Type.FullName))} have the same grain type name '{same.Key}': rename one.");
        }

        return new GrainCatalog(classes, rules);
    }

    public GrainInterface Interface(Type type) => _interfaces.GetOrAdd(type, static (t, rules) => new GrainInterface(t, rules), _rules);

    /// <exception cref="ArgumentException">No class, or more than one, implements the interface.</exception>
    public GrainClass ClassOf(Type grainInterface, string? classNamePrefix) =>
        _classOf.GetOrAdd((grainInterface, classNamePrefix), static (wanted, classes) => Find(wanted.Interface, wanted.Prefix, classes), Classes);

    private static GrainClass Find(Type grainInterface, string? prefix, IReadOnlyList<GrainClass> classes)
    {
        GrainClass[] found = [.. classes.Where(c => grainInterface.IsAssignableFrom(c.Type)
            && (string.IsNullOrEmpty(prefix) || c.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal)))];
        return found switch
        {
            [GrainClass one] => one,
            [] => throw new ArgumentException($"No grain class implements {grainInterface.FullName}{Prefixed(prefix)}. Is its assembly referenced by the silo?"),
            _ => throw new ArgumentException(
                $"{grainInterface.FullName} is implemented by {string.Join(", ", found.Select(c => c.Type.FullName))}: pass a class name prefix that fits one."),
        };
    }

    private static string Prefixed(string? prefix) => string.IsNullOrEmpty(prefix) ? "" : $" with the class name prefix '{prefix}'";

    private static IEnumerable<Type> GrainClasses(Assembly assembly) =>
        assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
            && typeof(IGrainBase).IsAssignableFrom(t) && t.GetInterfaces().Any(i => i != typeof(IGrain) && typeof(IGrain).IsAssignableFrom(i)));

    /// <summary>A referenced assembly is loaded only when it is used, so the references are followed.</summary>
    private static HashSet<Assembly> AssembliesWithGrains()
    {
        string self = typeof(GrainCatalog).Assembly.GetName().Name!;
        HashSet<Assembly> withGrains = [];
        HashSet<string> seen = [];
        Stack<Assembly> open = new(AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic));
        while (open.TryPop(out Assembly? assembly))
        {
            if (IsOfTheFramework(assembly.GetName()) || !seen.Add(assembly.FullName!))
                continue;
            foreach (AssemblyName reference in assembly.GetReferencedAssemblies())
            {
                if (reference.Name == self)
                    withGrains.Add(assembly);
                else if (!IsOfTheFramework(reference) && !seen.Contains(reference.FullName) && TryLoad(reference) is { } loaded)
                    open.Push(loaded);
            }
        }

        return withGrains;
    }

    private static bool IsOfTheFramework(AssemblyName name) =>
        name.Name is "mscorlib" or "netstandard" or "System" || name.Name!.StartsWith("System.", StringComparison.Ordinal)
        || name.Name.StartsWith("Microsoft.", StringComparison.Ordinal);

    /// <summary>Null for a reference that was not deployed, as those to build-time packages: it holds no grains that could run.</summary>
    private static Assembly? TryLoad(AssemblyName reference)
    {
        try
        {
            return Assembly.Load(reference);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return null;
        }
    }
}
