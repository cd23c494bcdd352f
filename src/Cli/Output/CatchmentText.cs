using OrleansCdn.Internet.Catchments;

namespace OrleansCdn.Cli.Output;

/// <summary>Where somebody ends up, for people.</summary>
internal static class CatchmentText
{
    public const string Nowhere = "nowhere";

    /// <summary><c>waw</c>, <c>waw (or lax)</c>, <c>nowhere</c>.</summary>
    public static string Pop(Catchment catchment) => catchment switch
    {
        { Pop: null } => Nowhere,
        { Or: [] } => catchment.Pop,
        _ => $"{catchment.Pop} (or {string.Join(", ", catchment.Or)})",
    };
}
