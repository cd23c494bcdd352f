namespace OrleansCdn.Cli.Commands;

/// <summary>What is drained: <c>waw</c>, or one edge of it as <c>waw/waw2</c>.</summary>
/// <param name="Pop">Id.</param>
/// <param name="Edge">Name; null: the whole PoP.</param>
internal sealed record DrainPlace(string Pop, string? Edge)
{
    /// <returns>Null: it is neither.</returns>
    public static DrainPlace? TryParse(string text) => text.Split('/') switch
    {
        [{ Length: > 0 } pop] => new DrainPlace(pop, null),
        [{ Length: > 0 } pop, { Length: > 0 } edge] => new DrainPlace(pop, edge),
        _ => null,
    };

    public override string ToString() => Edge is null ? Pop : $"{Pop}/{Edge}";
}
