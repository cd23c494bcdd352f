using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>Which types may cross a grain call. Refused is what JSON would lose in silence, and what Orleans would refuse.</summary>
internal sealed class PayloadRules(IEnumerable<JsonPayloadTypes> registered)
{
    private readonly JsonPayloadTypes[] _registered = [.. registered];

    /// <summary>Null: the type may cross.</summary>
    public string? WhyRefused(Type type)
    {
        if (type.IsByRef || type.IsPointer)
            return $"{type.Name} is passed by reference; pass a value";
        if (type.HasElementType)
            return WhyRefused(type.GetElementType()!);
        if (typeof(IAddressable).IsAssignableFrom(type))
            return $"{type.Name} is a grain reference; pass the key";
        if (typeof(Delegate).IsAssignableFrom(type) || typeof(Stream).IsAssignableFrom(type) || typeof(Task).IsAssignableFrom(type))
            return $"{type.Name} cannot be written as JSON; pass data";
        if (type == typeof(CancellationToken))
            return "a CancellationToken can only be the last parameter";
        if (type.IsValueType && typeof(ITuple).IsAssignableFrom(type))
            return "a tuple would lose its fields as JSON; pass a record";
        if (type.IsGenericType && type.GetGenericArguments().Select(WhyRefused).FirstOrDefault(why => why is not null) is { } inner)
            return inner;
        return IsOfTheProject(type) && _registered.Length > 0 && !_registered.Any(r => r.IsSupported(type))
            ? $"no serializer takes {type.FullName}; let the isSupported of AddJsonSerializer accept it"
            : null;
    }

    private static bool IsOfTheProject(Type type) =>
        type.Namespace is not { } name || !(name == "System" || name.StartsWith("System.", StringComparison.Ordinal));
}
