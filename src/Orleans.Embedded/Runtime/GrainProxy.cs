using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>A grain reference.</summary>
internal class GrainProxy : DispatchProxy
{
    public GrainId GrainId => throw new NotSupportedException();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new NotSupportedException();
}
