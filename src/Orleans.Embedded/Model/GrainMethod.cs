using System.Linq.Expressions;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.Embedded;

/// <summary>A method of a grain interface, prepared for being called.</summary>
internal sealed class GrainMethod
{
    private readonly Func<object, object?[], object> _invoke;
    private readonly Type[] _parameterTypes;

    /// <exception cref="CodecNotFoundException">The signature cannot be called across activations; the message says why and what to change.</exception>
    public GrainMethod(MethodInfo method, PayloadRules rules)
    {
        Name = method.Name;
        InterfaceName = method.DeclaringType!.Name;
        AlwaysInterleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        if (method.IsGenericMethodDefinition)
            throw Refused(method, "it is generic; write one method for each type");
        Shape = ReturnShape.Of(method.ReturnType)
            ?? throw Refused(method, $"it returns {method.ReturnType.Name}; return Task, Task<T>, ValueTask or ValueTask<T>");
        ParameterInfo[] parameters = method.GetParameters();
        _parameterTypes = [.. parameters.Select(p => p.ParameterType)];
        TokenIndex = Array.FindIndex(_parameterTypes, t => t == typeof(CancellationToken));
        if (TokenIndex >= 0 && TokenIndex != parameters.Length - 1)
            throw Refused(method, "its CancellationToken is not the last parameter");
        foreach (ParameterInfo parameter in parameters.Where((_, i) => i != TokenIndex))
        {
            if (rules.WhyRefused(parameter.ParameterType) is { } why)
                throw Refused(method, $"parameter '{parameter.Name}': {why}");
        }

        if (Shape.ResultType is { } result && rules.WhyRefused(result) is { } whyResult)
            throw Refused(method, $"its result: {whyResult}");
        _invoke = Compile(method);
    }

    public string Name { get; }

    public string InterfaceName { get; }

    public bool AlwaysInterleaves { get; }

    public ReturnShape Shape { get; }

    /// <summary>Place of the CancellationToken among the arguments; -1: none.</summary>
    public int TokenIndex { get; }

    public ValueTask<object?> InvokeAsync(object grain, object?[] arguments) => Shape.AwaitAsync(_invoke(grain, arguments));

    /// <summary>Copies of the caller's arguments, taken before the caller goes on.</summary>
    public object?[] CopyArguments(PayloadCopier payloads, object?[] arguments)
    {
        object?[] copies = new object?[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (i != TokenIndex)
                copies[i] = payloads.Copy(arguments[i], _parameterTypes[i], this);
        }

        return copies;
    }

    public object? CopyResult(PayloadCopier payloads, object? result) =>
        Shape.ResultType is { } type ? payloads.Copy(result, type, this) : null;

    public override string ToString() => $"{InterfaceName}.{Name}";

    private static CodecNotFoundException Refused(MethodInfo method, string why) =>
        new($"{method.DeclaringType!.FullName}.{method.Name} cannot be a grain method: {why}.");

    private static Func<object, object?[], object> Compile(MethodInfo method)
    {
        ParameterExpression grain = Expression.Parameter(typeof(object));
        ParameterExpression arguments = Expression.Parameter(typeof(object?[]));
        IEnumerable<Expression> typed = method.GetParameters().Select((p, i) =>
            Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), p.ParameterType));
        Expression call = Expression.Call(Expression.Convert(grain, method.DeclaringType!), method, typed);
        return Expression.Lambda<Func<object, object?[], object>>(Expression.Convert(call, typeof(object)), grain, arguments).Compile();
    }
}
