using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orleans.Embedded.Tests;

public sealed class Mutable
{
    public List<string> Items { get; set; } = [];
}

public sealed record Point
{
    public required int X { get; init; }

    public required ImmutableArray<Label> Labels { get; init; }
}

public sealed record Label(string Text);

[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Circle), "circle")]
[JsonDerivedType(typeof(Square), "square")]
public abstract record Shape
{
    public required string Name { get; init; }
}

public sealed record Circle : Shape
{
    public required double Radius { get; init; }
}

public sealed record Square : Shape
{
    public required double Side { get; init; }
}

public sealed record UnknownToTheSerializer(int Value);
