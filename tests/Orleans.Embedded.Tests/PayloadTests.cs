using System.Collections.Immutable;
using Orleans.Serialization;

namespace Orleans.Embedded.Tests;

public sealed class PayloadTests
{
    [Fact]
    public async Task What_a_caller_does_to_an_argument_after_the_call_does_not_reach_the_grain()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IPayloadGrain grain = silo.Grains.GetGrain<IPayloadGrain>("p");
        Mutable argument = new() { Items = ["as called"] };

        Task keep = grain.KeepAsync(argument, "gate");
        argument.Items.Add("too late");
        silo.Witness.Open("gate");
        await keep;

        Assert.Equal(["as called"], (await grain.KeptAsync()).Items);
    }

    [Fact]
    public async Task What_a_caller_does_to_a_result_does_not_reach_the_grain()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IPayloadGrain grain = silo.Grains.GetGrain<IPayloadGrain>("p");

        (await grain.KeptAsync()).Items.Add("changed outside");

        Assert.Empty((await grain.KeptAsync()).Items);
    }

    [Fact]
    public async Task Records_with_required_members_and_immutable_arrays_survive()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IPayloadGrain grain = silo.Grains.GetGrain<IPayloadGrain>("p");
        Point point = new() { X = 3, Labels = [new Label("a"), new Label("b")] };

        Point back = await grain.EchoPointAsync(point);
        ImmutableArray<Point> many = await grain.EchoPointsAsync([point, point with { X = 4 }]);

        Assert.NotSame(point, back);
        Assert.Equal((3, "a,b"), (back.X, string.Join(',', back.Labels.Select(l => l.Text))));
        Assert.Equal([3, 4], many.Select(p => p.X));
    }

    [Fact]
    public async Task Polymorphic_records_keep_their_type_alone_and_in_a_list()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IPayloadGrain grain = silo.Grains.GetGrain<IPayloadGrain>("p");
        Circle circle = new() { Name = "c", Radius = 1.5 };
        Square square = new() { Name = "s", Side = 2 };

        Shape alone = await grain.EchoShapeAsync(circle);
        IReadOnlyList<Shape> list = await grain.EchoShapesAsync([square, circle]);

        Assert.Equal(circle, alone);
        Assert.NotSame(circle, alone);
        Assert.Equal([square, circle], list);
    }

    [Fact]
    public async Task Nulls_nullables_dates_and_maps_survive()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IPayloadGrain grain = silo.Grains.GetGrain<IPayloadGrain>("p");
        DateTimeOffset when = new(2026, 11, 22, 1, 2, 3, TimeSpan.Zero);

        Assert.Null(await grain.EchoLabelAsync(null, null, when));
        Assert.Equal("a 5 2026-11-22 01:02:03Z", (await grain.EchoLabelAsync(new Label("a"), 5, when))!.Text);
        Assert.Equal(1, (await grain.EchoMapAsync(new Dictionary<string, int> { ["x"] = 1 }))["x"]);
    }

    [Fact]
    public async Task The_registered_json_options_are_used()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        Assert.Equal("""{"text":"x"}""", System.Text.Json.JsonSerializer.Serialize(new Label("x"), silo.Core.Payloads.Json));
    }

    [Fact]
    public async Task A_type_that_no_serializer_takes_is_refused_for_the_whole_interface()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        CodecNotFoundException unknown = Assert.Throws<CodecNotFoundException>(() => silo.Grains.GetGrain<IUnknownPayloadGrain>("u"));
        CodecNotFoundException tuple = Assert.Throws<CodecNotFoundException>(() => silo.Grains.GetGrain<ITupleGrain>("t"));

        Assert.Contains("parameter 'values': no serializer takes Orleans.Embedded.Tests.UnknownToTheSerializer", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("pass a record", tuple.Message, StringComparison.Ordinal);
    }
}
