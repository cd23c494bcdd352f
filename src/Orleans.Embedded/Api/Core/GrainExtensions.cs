using Orleans.Embedded;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The identity of a grain, from inside it or from a reference to it.</summary>
public static class GrainExtensions
{
    /// <exception cref="ArgumentException">The object is neither a grain that the engine activated nor a grain reference.</exception>
    public static GrainId GetGrainId(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            GrainProxy reference => reference.GrainId,
            IGrainBase { GrainContext: { } context } => context.GrainId,
            _ => throw new ArgumentException(
                $"{grain.GetType().FullName} has no grain identity: it was made with new, not activated by a silo. Get a reference from IGrainFactory.",
                nameof(grain)),
        };
    }

    /// <inheritdoc cref="GetGrainId"/>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key;
}
