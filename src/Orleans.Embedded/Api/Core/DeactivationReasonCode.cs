using System.Diagnostics.CodeAnalysis;

namespace Orleans;

/// <summary>The reasons for which an activation ends. The embedded engine gives those that one silo can meet; the others are there for source that names them.</summary>
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "The signature is the one of Orleans.")]
public enum DeactivationReasonCode : byte
{
    None,
    ShuttingDown,
    ActivationFailed,
    DirectoryFailure,
    ActivationIdle,
    ActivationUnresponsive,
    DuplicateActivation,
    IncompatibleRequest,
    ApplicationError,
    ApplicationRequested,
    Migrating,
    RuntimeRequested,
    HighMemoryPressure,
}
