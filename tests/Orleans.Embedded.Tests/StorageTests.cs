using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Embedded.Tests;

public sealed class StorageTests
{
    [Fact]
    public async Task State_outlives_the_activation_and_the_silo()
    {
        using TestFolder folder = new();
        await using (TestSilo silo = await TestSilo.StartAsync(folder))
        {
            IStoredGrain grain = silo.Grains.GetGrain<IStoredGrain>("s");
            Assert.Equal(new StoredView("", null, false), await grain.GetAsync());
            await grain.SetAsync("one");
            await grain.SetSideAsync("side");
            await grain.EndAsync();
            StoredView after = await grain.GetAsync();
            Assert.Equal(("one", true), (after.Value, after.Exists));
            Assert.NotNull(after.Etag);
        }

        await using TestSilo next = await TestSilo.StartAsync(folder);
        Assert.Equal("one", (await next.Grains.GetGrain<IStoredGrain>("s").GetAsync()).Value);
        Assert.Equal("side", await next.Grains.GetGrain<IStoredGrain>("s").GetSideAsync());
        Assert.Equal("", (await next.Grains.GetGrain<IStoredGrain>("S").GetAsync()).Value);
    }

    [Fact]
    public async Task Clear_takes_the_record_away_and_a_new_one_has_a_new_version()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IStoredGrain grain = silo.Grains.GetGrain<IStoredGrain>("s");
        await grain.SetAsync("one");
        string? first = (await grain.GetAsync()).Etag;

        await grain.ClearAsync();
        Assert.Equal(new StoredView("", null, false), await grain.GetAsync());
        await grain.RereadAsync();
        Assert.False((await grain.GetAsync()).Exists);
        await grain.ClearAsync();
        await grain.SetAsync("two");

        Assert.NotEqual(first, (await grain.GetAsync()).Etag);
    }

    [Fact]
    public async Task Of_two_writes_that_expect_one_version_the_second_is_refused()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IStoredGrain grain = silo.Grains.GetGrain<IStoredGrain>("s");

        InconsistentStateException inserts = await Assert.ThrowsAsync<InconsistentStateException>(grain.WriteTwiceAtOnceAsync);
        InconsistentStateException updates = await Assert.ThrowsAsync<InconsistentStateException>(grain.WriteTwiceAtOnceAsync);

        Assert.Null(inserts.CurrentEtag);
        Assert.NotNull(inserts.StoredEtag);
        Assert.NotNull(updates.CurrentEtag);
        Assert.NotEqual(updates.StoredEtag, updates.CurrentEtag);
        Assert.Contains("state 'main' of grain stored/s", updates.Message, StringComparison.Ordinal);
        await grain.SetAsync("goes on");
    }

    [Fact]
    public async Task A_write_over_a_version_that_another_has_replaced_is_a_conflict_until_it_is_read_again()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IStoredGrain grain = silo.Grains.GetGrain<IStoredGrain>("s");
        await grain.SetAsync("mine");
        string? etag = (await grain.GetAsync()).Etag;
        StateKey key = new("stored", "s", "main", "Default");
        await silo.Core.Store.WriteAsync(key, etag, BinaryData.FromString("""{"value":"theirs"}"""), CancellationToken.None);

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.SetAsync("over it"));

        // The conflict escaped from the call, so the activation ended, and the next has read what is there.
        Assert.Equal("theirs", (await grain.GetAsync()).Value);
        await grain.SetAsync("over it");
        await Assert.ThrowsAsync<InconsistentStateException>(() => silo.Core.Store.ClearAsync(key, etag, CancellationToken.None));
    }

    [Fact]
    public async Task Many_grains_write_at_once_and_each_keeps_its_own()
    {
        using TestFolder folder = new();
        await using (TestSilo silo = await TestSilo.StartAsync(folder))
            await Task.WhenAll(Enumerable.Range(0, 1500).Select(i => silo.Grains.GetGrain<IStoredGrain>($"g{i}").SetAsync($"v{i}")));

        await using TestSilo next = await TestSilo.StartAsync(folder);
        StoredView[] read = await Task.WhenAll(Enumerable.Range(0, 1500).Select(i => next.Grains.GetGrain<IStoredGrain>($"g{i}").GetAsync()));
        Assert.Equal(Enumerable.Range(0, 1500).Select(i => $"v{i}"), read.Select(r => r.Value));
    }

    [Theory]
    [InlineData("SELECT RAISE(ABORT, 'no room')", "no room")]
    [InlineData("SELECT RAISE(ROLLBACK, 'no room')", "no room")]
    [InlineData("INSERT INTO child VALUES (1)", "FOREIGN KEY")] // fails at the commit
    public async Task A_write_that_fails_does_not_take_those_of_its_transaction_with_it(string failure, string message)
    {
        using TestFolder folder = new();
        await using (await TestSilo.StartAsync(folder))
        {
        }

        folder.Sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
        folder.Sql("CREATE TABLE child (id REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)");
        folder.Sql($"CREATE TRIGGER bad BEFORE INSERT ON state WHEN NEW.key = 'g250' BEGIN {failure}; END");
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        Task[] writes = [.. Enumerable.Range(0, 500).Select(i => silo.Grains.GetGrain<IStoredGrain>($"g{i}").SetAsync($"v{i}"))];

        StateFileException error = await Assert.ThrowsAsync<StateFileException>(() => writes[250]);
        await Task.WhenAll(writes.Where((_, i) => i != 250));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal("499", folder.Sql("SELECT count(*) FROM state"));
    }

    [Fact]
    public async Task A_registered_serializer_decides_the_stored_form()
    {
        using TestFolder folder = new();
        await using (TestSilo silo = await TestSilo.StartAsync(folder, s => s.Services.AddSingleton<IGrainStorageSerializer, ShoutingSerializer>()))
            await silo.Grains.GetGrain<IStoredGrain>("s").SetAsync("x");

        Assert.Equal("""SHOUT{"Value":"x"}""", folder.Sql("SELECT CAST(payload AS TEXT) FROM state"));
        Assert.Equal("stored|s|main|Default", folder.Sql("SELECT grain || '|' || key || '|' || name || '|' || storage FROM state"));
    }

    [Fact]
    public async Task A_record_that_is_not_of_the_type_names_grain_and_state()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        StateKey key = new("stored", "s", "main", "Default");
        await silo.Core.Store.WriteAsync(key, null, BinaryData.FromString("[1,2]"), CancellationToken.None);

        StateFileException error = await Assert.ThrowsAsync<StateFileException>(() => silo.Grains.GetGrain<IStoredGrain>("s").GetAsync());

        Assert.Contains("The stored state 'main' of grain stored/s cannot be read as", error.Message, StringComparison.Ordinal);
    }

    private sealed class ShoutingSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => BinaryData.FromString("SHOUT" + System.Text.Json.JsonSerializer.Serialize(input));

        public T? Deserialize<T>(BinaryData input) => System.Text.Json.JsonSerializer.Deserialize<T>(input.ToString()["SHOUT".Length..]);
    }
}
