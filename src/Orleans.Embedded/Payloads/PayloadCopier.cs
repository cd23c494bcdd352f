using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orleans.Embedded;

/// <summary>
/// Isolates caller and callee: a payload is written as JSON and read back, so neither sees what the other does to it
/// afterwards. What nobody can change passes as it is.
/// </summary>
internal sealed class PayloadCopier
{
    private static readonly HashSet<Type> Unchangeable =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly),
        typeof(Guid), typeof(Uri), typeof(Version), typeof(IPNetwork), typeof(Int128), typeof(UInt128), typeof(Half),
    ];

    private readonly ConcurrentDictionary<Type, bool> _passes = new();
    private readonly JsonSerializerOptions _json;

    public PayloadCopier(JsonSerializerOptions registered)
    {
        // Source-generated options know the project's records, but not every collection of them that a call may carry.
        _json = new JsonSerializerOptions(registered);
        if (!_json.TypeInfoResolverChain.OfType<DefaultJsonTypeInfoResolver>().Any())
            _json.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        _json.MakeReadOnly();
    }

    public JsonSerializerOptions Json => _json;

    /// <exception cref="PayloadException">The value does not survive the way through JSON.</exception>
    public object? Copy(object? value, Type declared, GrainMethod method)
    {
        if (value is null || _passes.GetOrAdd(value.GetType(), static type => Passes(type)))
            return value;
        Type type = TypeOnTheWire(value.GetType(), declared);
        try
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, type, _json);
            return JsonSerializer.Deserialize(json, type, _json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or NullReferenceException)
        {
            throw new PayloadException($"A {type.FullName} of {method} does not survive as JSON: {e.Message}", e);
        }
    }

    /// <summary>The runtime type, as a cluster would put it on the wire, but where the declared type has its own way to tell the cases apart.</summary>
    private Type TypeOnTheWire(Type runtime, Type declared)
    {
        if (runtime == declared)
            return declared;
        JsonTypeInfo info = _json.GetTypeInfo(declared);
        bool declaredTells = info.PolymorphismOptions is not null || info.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary;
        return declaredTells || Nullable.GetUnderlyingType(declared) is not null ? declared : runtime;
    }

    private static bool Passes(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || Unchangeable.Contains(type))
            return true;
        return type.IsGenericType
            && type.GetGenericTypeDefinition() is var definition
            && (definition == typeof(ImmutableArray<>) || definition == typeof(Nullable<>))
            && type.GetGenericArguments()[0] is { IsSealed: true } element
            && Passes(element);
    }
}
