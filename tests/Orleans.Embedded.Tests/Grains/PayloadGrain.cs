using System.Collections.Immutable;

namespace Orleans.Embedded.Tests;

public interface IPayloadGrain : IGrainWithStringKey
{
    Task KeepAsync(Mutable value, string gate);

    Task<Mutable> KeptAsync();

    Task<Point> EchoPointAsync(Point point);

    Task<ImmutableArray<Point>> EchoPointsAsync(ImmutableArray<Point> points);

    Task<Shape> EchoShapeAsync(Shape shape);

    Task<IReadOnlyList<Shape>> EchoShapesAsync(IReadOnlyList<Shape> shapes);

    ValueTask<Label?> EchoLabelAsync(Label? label, int? number, DateTimeOffset when);

    Task<IReadOnlyDictionary<string, int>> EchoMapAsync(IReadOnlyDictionary<string, int> map);
}

public sealed class PayloadGrain(Witness witness) : Grain, IPayloadGrain
{
    private Mutable _kept = new();

    public async Task KeepAsync(Mutable value, string gate)
    {
        await witness.Gate(gate);
        _kept = value;
    }

    public Task<Mutable> KeptAsync() => Task.FromResult(_kept);

    public Task<Point> EchoPointAsync(Point point) => Task.FromResult(point);

    public Task<ImmutableArray<Point>> EchoPointsAsync(ImmutableArray<Point> points) => Task.FromResult(points);

    public Task<Shape> EchoShapeAsync(Shape shape) => Task.FromResult(shape);

    public Task<IReadOnlyList<Shape>> EchoShapesAsync(IReadOnlyList<Shape> shapes) => Task.FromResult(shapes);

    public ValueTask<Label?> EchoLabelAsync(Label? label, int? number, DateTimeOffset when) =>
        ValueTask.FromResult(label is null ? null : label with { Text = $"{label.Text} {number} {when:u}" });

    public Task<IReadOnlyDictionary<string, int>> EchoMapAsync(IReadOnlyDictionary<string, int> map) => Task.FromResult(map);
}

public interface ITupleGrain : IGrainWithStringKey
{
    Task TakeAsync((int A, int B) pair);
}

public sealed class TupleGrain : Grain, ITupleGrain
{
    public Task TakeAsync((int A, int B) pair) => Task.CompletedTask;
}

public interface IUnknownPayloadGrain : IGrainWithStringKey
{
    Task TakeAsync(List<UnknownToTheSerializer> values);
}

public sealed class UnknownPayloadGrain : Grain, IUnknownPayloadGrain
{
    public Task TakeAsync(List<UnknownToTheSerializer> values) => Task.CompletedTask;
}

public interface IOrphanGrain : IGrainWithStringKey
{
    Task DoAsync();
}
