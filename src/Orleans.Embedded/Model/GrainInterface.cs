using System.Collections.Frozen;
using System.Reflection;

namespace Orleans.Embedded;

/// <summary>A grain interface and the methods that it and its base interfaces have.</summary>
internal sealed class GrainInterface
{
    private readonly FrozenDictionary<MethodInfo, GrainMethod> _methods;

    /// <exception cref="Serialization.CodecNotFoundException">A method cannot be a grain method.</exception>
    public GrainInterface(Type type, PayloadRules rules)
    {
        Type = type;
        _methods = type.GetInterfaces().Append(type)
            .SelectMany(i => i.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(m => m.IsAbstract)
            .ToFrozenDictionary(m => m, m => new GrainMethod(m, rules));
    }

    public Type Type { get; }

    public GrainMethod Method(MethodInfo method) => _methods[method];
}
