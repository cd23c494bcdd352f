using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Runtime;

namespace Orleans.Embedded;

internal delegate object GrainFactoryDelegate(Activation activation);

/// <summary>Makes grain instances: constructor parameters come from the activation's services, its context and its states.</summary>
internal static class GrainConstruction
{
    /// <exception cref="OrleansConfigurationException">The class has not exactly one public constructor, or a state parameter of a wrong type.</exception>
    public static GrainFactoryDelegate Prepare(Type type)
    {
        ConstructorInfo[] constructors = type.GetConstructors();
        if (constructors.Length != 1)
            throw new OrleansConfigurationException($"Grain class {type.FullName} has {constructors.Length} public constructors; it needs exactly one.");
        Func<Activation, object?>[] sources = [.. constructors[0].GetParameters().Select(p => SourceOf(p, type))];
        Func<object?[], object> construct = Compile(constructors[0]);
        return activation => construct(Array.ConvertAll(sources, source => source(activation)));
    }

    private static Func<Activation, object?> SourceOf(ParameterInfo parameter, Type grain)
    {
        Type type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
            return StateSource(state, type, grain);
        if (type == typeof(IGrainContext))
            return activation => activation;
        if (type == typeof(IServiceProvider))
            return activation => activation.ActivationServices;
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
            return activation => activation.ActivationServices.GetRequiredKeyedService(type, keyed.Key);
        if (parameter.HasDefaultValue)
            return activation => activation.ActivationServices.GetService(type) ?? parameter.DefaultValue;
        return activation => activation.ActivationServices.GetService(type) ?? throw new InvalidOperationException(
            $"Grain class {grain.FullName} needs a {type.FullName} for its parameter '{parameter.Name}'; register one in the services.");
    }

    private static Func<Activation, object?> StateSource(PersistentStateAttribute state, Type type, Type grain)
    {
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new OrleansConfigurationException(
                $"Grain class {grain.FullName}: [PersistentState(\"{state.StateName}\")] is on a {type.Name}; it belongs on an IPersistentState<T>.");
        }

        ConstructorInfo constructor = typeof(PersistentState<>).MakeGenericType(type.GetGenericArguments()).GetConstructors().Single();
        Func<object?[], object> construct = Compile(constructor);
        return activation =>
        {
            IStorage created = (IStorage)construct([activation, state]);
            activation.Add(created);
            return created;
        };
    }

    /// <summary>Compiled, so that an exception of a constructor arrives as it was thrown.</summary>
    private static Func<object?[], object> Compile(ConstructorInfo constructor)
    {
        ParameterExpression arguments = Expression.Parameter(typeof(object?[]));
        IEnumerable<Expression> typed = constructor.GetParameters().Select((p, i) =>
            Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), p.ParameterType));
        Expression created = Expression.Convert(Expression.New(constructor, typed), typeof(object));
        return Expression.Lambda<Func<object?[], object>>(created, arguments).Compile();
    }
}
