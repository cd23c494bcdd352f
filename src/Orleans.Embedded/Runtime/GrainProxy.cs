using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>A grain reference: turns calls of the interface's methods into <see cref="GrainCall"/>s. Not sealed, for the proxy types derive from it.</summary>
internal class GrainProxy : DispatchProxy
{
    private SiloCore _silo = null!;
    private GrainInterface _interface = null!;
    private GrainTarget _target;

    public GrainId GrainId => _target.Id;

    public static object Create(SiloCore silo, GrainInterface grainInterface, GrainTarget target)
    {
        object proxy = Create(grainInterface.Type, typeof(GrainProxy));
        GrainProxy self = (GrainProxy)proxy;
        self._silo = silo;
        self._interface = grainInterface;
        self._target = target;
        return proxy;
    }

    public override bool Equals(object? obj) => obj is GrainProxy other && other.GrainId == GrainId && other._interface == _interface;

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => GrainId.ToString();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        GrainMethod method = _interface.Method(targetMethod!);
        CancellationToken token = method.TokenIndex >= 0 ? (CancellationToken)args![method.TokenIndex]! : default;
        object?[] copies;
        try
        {
            copies = method.CopyArguments(_silo.Payloads, args!);
        }
        catch (Exception e)
        {
            Answer refused = method.Shape.NewAnswer();
            refused.Fail(e);
            return refused.Returned;
        }

        GrainCall call = new(_silo, _target, method, copies, token);
        call.Send(Work.Current);
        return call.Returned;
    }
}
